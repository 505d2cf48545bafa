// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/training/scene.h"

#include "models/training/drawscene.h"
#include "models/training/scenecaption.h"

namespace jacobi {

std::vector<float> drawPicture(const Scene& scene, int size)
{
    Canvas canvas(size);
    drawSky(canvas, scene);
    drawTerrain(canvas, scene);
    drawFalling(canvas, scene);
    drawSubjects(canvas, scene);
    std::vector<float> picture = std::move(canvas.planes());
    for (float& value : picture)
        value = std::clamp(value, 0.0F, 1.0F);
    return picture;
}

SceneExample drawScene(std::uint64_t seed, std::uint64_t index, int size, SceneSet set, Placing placing)
{
    const Scene scene = planScene(seed, index, set, placing);
    SceneExample example;
    example.rgb = drawPicture(scene, size);
    SceneCaption caption = captionOf(scene, 0);
    example.caption = std::move(caption.text);
    example.claims = caption.claims;
    example.values = judgedValuesOf(scene);
    return example;
}

SceneCaption drawSceneCaption(std::uint64_t seed, std::uint64_t index, std::uint64_t variant, SceneSet set)
{
    return captionOf(planScene(seed, index, set), variant);
}

} // namespace jacobi
