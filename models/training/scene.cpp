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

std::vector<float> drawPicture(const Scene& scene, int size, int patchPixels, std::vector<bool>& stated)
{
    Canvas canvas(size);
    drawSky(canvas, scene);
    drawTerrain(canvas, scene);
    drawFalling(canvas, scene);
    const std::vector<float> behind = canvas.planes();
    drawSubjects(canvas, scene);
    std::vector<float> picture = std::move(canvas.planes());
    const int patches = size / patchPixels;
    stated.assign(static_cast<std::size_t>(patches) * static_cast<std::size_t>(patches), false);
    constexpr float kGlow = 1.4F; // of the sun's radius
    const float reach = kGlow * scene.layout.sunRadius * static_cast<float>(size);
    for (std::size_t i = 0; i < picture.size(); ++i) {
        const int pixel = static_cast<int>(i) % (size * size);
        const int x = pixel % size;
        const int y = pixel / size;
        const float dx = static_cast<float>(x) - scene.layout.sunX * static_cast<float>(size);
        const float dy = static_cast<float>(y) - scene.layout.sunY * static_cast<float>(size);
        if (picture[i] != behind[i] || (scene.hasSun() && dx * dx + dy * dy < reach * reach)) {
            stated[static_cast<std::size_t>(y / patchPixels * patches + x / patchPixels)] = true;
        }
    }
    for (float& value : picture)
        value = std::clamp(value, 0.0F, 1.0F);
    return picture;
}

SceneExample drawScene(std::uint64_t seed, std::uint64_t index, int size, SceneSet set)
{
    const Scene scene = planScene(seed, index, set);
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
