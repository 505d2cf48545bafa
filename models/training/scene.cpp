// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scene.h"

#include "models/training/drawscene.h"
#include "models/training/scenecaption.h"

namespace jacobi {

SceneExample drawScene(std::uint64_t seed, std::uint64_t index, int size)
{
    const Scene scene = planScene(seed, index);
    Canvas canvas(size);
    drawSky(canvas, scene);
    drawTerrain(canvas, scene);
    drawSubjects(canvas, scene);
    SceneExample example;
    example.rgb = std::move(canvas.planes());
    for (float& value : example.rgb) {
        value = std::clamp(value, 0.0F, 1.0F);
    }
    SceneCaption caption = captionOf(scene, 0);
    example.caption = std::move(caption.text);
    example.attributes = std::move(caption.attributes);
    return example;
}

std::string drawSceneCaption(std::uint64_t seed, std::uint64_t index, std::uint64_t variant)
{
    return captionOf(planScene(seed, index), variant).text;
}

std::vector<SceneAttribute> drawSceneAttributes(std::uint64_t seed, std::uint64_t index, std::uint64_t variant)
{
    return captionOf(planScene(seed, index), variant).attributes;
}

} // namespace jacobi
