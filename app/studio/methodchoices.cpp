// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/methodchoices.h"

#include "core/trace/runrequest.h"

#include <QCoreApplication>

namespace jacobi {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("MethodChoices", text);
}

} // namespace

QVector<Choice> couplingChoices()
{
    return {
        {QStringLiteral("maximal"), tr("Maximal coupling"),
         tr("Keeps a draft whenever the new distribution allows it. Same distribution as sequential sampling.")},
        {QStringLiteral("gumbel-exact"), tr("Exact Gumbel noise"),
         tr("Gives each token a noise of its own: the very picture of sequential sampling, in fewer passes.")},
        {QStringLiteral("gumbel-spec"), tr("Shared Gumbel noise"),
         tr("Redraws with each token's own noise, accepts by a test. Same distribution as sequential sampling.")},
        {QStringLiteral("independent"), tr("Independent redraw"),
         tr("The original SJD: draws all drafts after a rejection anew. Same distribution as sequential sampling.")},
    };
}

QVector<Choice> initialisationChoices()
{
    return {
        {QStringLiteral("sample-left"), tr("Sample like the left"),
         tr("Drawn from the distribution of the token at the left")},
        {QStringLiteral("sample-above"), tr("Sample like above"), tr("Drawn from the distribution of the token above")},
        {QStringLiteral("left"), tr("Copy the left"), tr("The token at the left again")},
        {QStringLiteral("above"), tr("Copy above"), tr("The token above again")},
        {QStringLiteral("uniform"), tr("Any code"), tr("Every code is as likely as any other")},
        {QStringLiteral("auto"), tr("Automatic"), tr("The fastest of these on this computer, measured once")},
    };
}

QVector<Choice> precisionChoices()
{
    return {
        {QString::fromLatin1(kAutoName), tr("bfloat16, as usual"), tr("Fast, and half the memory of float32. Laws are rounded a little.")},
        {QStringLiteral("float32"), tr("float32"),
         tr("Exact methods give the very picture of sequential sampling. Slower, and twice the memory of bfloat16.")},
        {QStringLiteral("int8"), tr("int8"),
         tr("Half the memory of bfloat16 for weights. Measured: logits are off by twice as much as in bfloat16.")},
    };
}

const char* usualPrecision(bool onGpu, bool isFlow)
{
    return onGpu && !isFlow ? "bfloat16" : "float32";
}

bool isForGpusOnly(const std::string& precision)
{
    return precision == "bfloat16" || precision == "int8";
}

} // namespace jacobi
