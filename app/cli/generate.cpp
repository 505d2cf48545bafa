// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include "app/cli/generation.h"
#include "app/cli/optionvalues.h"
#include "app/cli/wholenumber.h"
#include "core/trace/requestlimits.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace jacobi::cli {
namespace {

void addRequest(CLI::App& command, GenerateOptions& options)
{
    command.add_option("--prompt", options.prompt, "What the picture shows; a flow takes --class instead")
        ->type_name("TEXT");
    command.add_flag_callback("--as-written", [&options] { options.completesPrompt = false; },
                              "Give the model the prompt as it is, instead of filling in what it leaves open "
                              "(sides, colours, sun, weather), by the seed");
    command.add_flag_callback("--complete", [&options] { options.completesPrompt = true; },
                              "Fill that in, which is the built-in model's default; of a batch each picture for itself")
        ->excludes("--as-written");
    command.add_option("--model", options.model, "Model to use, see: jacobi models")
        ->type_name("NAME")
        ->default_str(options.model);
    command
        .add_option("--method", options.method,
                    "sequential: one token a pass; sjd: Speculative Jacobi Decoding; sjd2: with denoised drafts "
                    "(models tuned for it); jacobi: greedy (temperature 0); of a flow: sequential, jacobi, gs-jacobi "
                    "or front")
        ->type_name("NAME");
    command.add_option("--coupling", options.coupling, "How drafts are redrawn: maximal, independent, gumbel-exact or gumbel-spec")
        ->check(oneOf("coupling", {"independent", "maximal", "gumbel-exact", "gumbel-spec"}))
        ->type_name("NAME");
    command.add_option("--init", options.initialisation, "Where new drafts come from: uniform, left, above, sample-left, sample-above or auto")
        ->check(oneOf("initialisation", {"uniform", "left", "above", "sample-left", "sample-above", "auto"}))
        ->type_name("NAME");
    command.add_option("--seed", options.seed, "Seed of all random numbers (default: a random one, which is printed)")
        ->check(wholeNumber())
        ->type_name("N");
    command.add_option("--window", options.window, "Tokens looked at in one pass, 1 to all; auto: the fastest here, measured once")
        ->check(wholeOrAuto())
        ->type_name("W");
    command
        .add_option("--noise-steps", options.noiseSteps, "Of sjd2: passes a new draft spends as noise; 0 is plain sjd")
        ->check(wholeFrom("number of noise steps", 0, " (0 is plain sjd)"))
        ->type_name("N");
    command.add_option("--batch", options.pictures, "Pictures made together; picture i is the one that seed + i gives alone")
        ->type_name("N");
    command.add_option("--guidance", options.guidance, "Classifier-free guidance; 1 switches it off, of a flow 0 does")
        ->check(number("guidance"))
        ->type_name("G");
    command.add_option("--temperature", options.temperature, "1: as trained; 0: always the most probable token")
        ->check(numberFrom(kTemperatureLimit))
        ->type_name("T");
    command.add_option("--top-k", options.topK, "Keep the K most probable codes; 0 keeps all")
        ->check(wholeFrom("top-k", 0, " (0 keeps every code)"))
        ->type_name("K");
    command.add_option("--top-p", options.topP, "Keep the most probable codes that hold this much; 1 keeps all")
        ->check(numberFrom(kTopPLimit))
        ->type_name("P");
    command
        .add_option("--min-p", options.minP,
                    "Keep codes at least P times as probable as the most probable one, with the prompt; 0 keeps all")
        ->check(numberFrom(kMinPLimit))
        ->type_name("P");
    command.add_option("--precision", options.precision, "float32, float64 or, on a GPU, bfloat16 (the default there) or int8")->type_name("NAME");
}

/// What only a flow has.
void addFlowRequest(CLI::App& command, GenerateOptions& options)
{
    const char* group = "Options of a normalizing flow";
    command.add_option("--class", options.className, "What the picture shows, see: jacobi models")
        ->type_name("NAME")
        ->group(group);
    command.add_option("--strategy", options.strategy, "gs-jacobi: auto-time, auto-passes, auto-blocks, crm, a preset's name (see: jacobi models), or a file; implies that method, and goes with no other")
        ->type_name("NAME|FILE")
        ->group(group);
    command.add_option("--segments", options.segments, "gs-jacobi without a strategy: segments of every block")
        ->check(wholeFrom("number of segments", 1))
        ->type_name("N")
        ->group(group);
    command.add_option("--tolerance", options.tolerance, "jacobi, front, gs-jacobi without a strategy: largest change that counts as none; 0: until exact")
        ->check(numberFrom(kToleranceLimit))
        ->type_name("X")
        ->group(group);
    command.add_option("--clip", options.clip, "jacobi and gs-jacobi cut iterates to this; 0: off, 3: as published")
        ->check(numberFrom(kClipLimit))
        ->type_name("X")
        ->group(group);
    command.add_option("--denoise", options.denoise, "Multiplier of the last step, along the score; 0: off")
        ->check(numberFrom(kDenoiseLimit))
        ->type_name("X")
        ->group(group);
    command.add_option("--attention-temperature", options.attentionTemperature, "Of guidance's unguided branch")
        ->check(numberFrom(kAttentionTemperatureLimit))
        ->type_name("T")
        ->group(group);
    command.add_option("--guidance-schedule", options.guidanceSchedule, "annealed or constant")
        ->check(oneOf("guidance schedule", {"annealed", "constant"}))
        ->type_name("NAME")
        ->group(group);
}

void addOutput(CLI::App& command, GenerateOptions& options)
{
    command.add_option("--out", options.out, "Picture to write, PNG (default: MODEL-SEED.png); of several, NAME-0.png and so on")->type_name("FILE");
    command.add_option("--trace", options.trace, "Trace to write, for: jacobi-studio FILE, jacobi trace info FILE")
        ->type_name("FILE");
    command.add_option("--device", options.device, "auto, cpu or cuda:0")
        ->type_name("NAME")
        ->default_str(options.device);
    command.add_option("--models", options.modelFolders, "Folder with model folders, searched first (may be repeated)")
        ->type_name("DIR")
        ->expected(1);
    command.add_option("--threads", options.threads, "CPU threads (default: chosen for this machine)")
        ->check(CLI::Range(1, 64))
        ->type_name("N");
    command.add_flag("--quiet", options.quiet, "Print nothing but errors and notes");
    command.add_flag("--json", options.json, "Print the summary as JSON");
}

} // namespace

void addGenerate(CLI::App& program, Action& chosen)
{
    auto options = std::make_shared<GenerateOptions>();
    CLI::App* command = program.add_subcommand("generate", "Generate a picture");
    addRequest(*command, *options);
    addFlowRequest(*command, *options);
    addOutput(*command, *options);
    command->footer("What is not given is taken from the model's own defaults.\n"
                    "Ctrl+C stops within one pass; the trace is kept.\n" +
                    exitCodeHelp());
    command->callback([options, &chosen] { chosen = [options] { return generate(*options); }; });
}

} // namespace jacobi::cli
