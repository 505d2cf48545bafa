// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// TraceModel's pictures: what a pass looked like, without the model.
#include "widgets/tracemodel.h"

#include <QColor>
#include <QPainter>

#include <algorithm>
#include <cstddef>

namespace jacobi {
namespace {

constexpr std::uint32_t kMaxSide = 16384;

bool isWhole(const Preview& preview)
{
    return preview.width > 0 && preview.height > 0 && preview.width <= kMaxSide && preview.height <= kMaxSide &&
           preview.rgb.size() == std::size_t{3} * preview.width * preview.height;
}

QImage imageOf(const Preview& preview)
{
    const QImage view(preview.rgb.data(), static_cast<int>(preview.width), static_cast<int>(preview.height),
                      static_cast<qsizetype>(preview.width) * 3, QImage::Format_RGB888);
    return view.convertToFormat(QImage::Format_ARGB32_Premultiplied);
}

} // namespace

QSize TraceModel::pictureSize() const
{
    const int side = static_cast<int>(layout().patchPixels);
    return m_hasGrid && side > 0 ? QSize(columns() * side, rows() * side) : QSize();
}

void TraceModel::takePreview(const std::shared_ptr<const Preview>& preview)
{
    if (preview == nullptr) {
        return;
    }
    m_trace.previews.push_back(preview);
    showPreview(preview);
}

void TraceModel::showPreview(const std::shared_ptr<const Preview>& preview)
{
    if (preview->item != static_cast<std::uint32_t>(item()) || !isWhole(*preview)) {
        return;
    }
    // Committed tokens never change, so the preview that covers most serves every pass; of equals the later.
    if (m_best == nullptr || preview->committedEnd >= m_best->committedEnd) {
        m_best = preview;
        m_bestImage = {};
        m_composed = {};
        m_composedPass = -1;
    }
}

QImage TraceModel::finalPicture() const
{
    if (m_best != nullptr && m_bestImage.isNull()) {
        m_bestImage = imageOf(*m_best);
        const QSize size = pictureSize();
        if (!size.isEmpty() && m_bestImage.size() != size) {
            m_bestImage = m_bestImage.scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
        }
    }
    return m_bestImage;
}

QImage TraceModel::codePatch(std::int32_t code) const
{
    const int side = static_cast<int>(layout().patchPixels);
    if (header() == nullptr || side == 0 || code < 0 || code >= static_cast<std::int64_t>(header()->codeColours.size())) {
        return {};
    }
    m_patches.resize(header()->codeColours.size());
    QImage& patch = m_patches[static_cast<std::size_t>(code)];
    if (patch.isNull()) {
        const CodeColours& thumbnail = header()->codeColours[static_cast<std::size_t>(code)];
        patch = QImage(thumbnail.data(), 4, 4, 12, QImage::Format_RGB888)
                    .convertToFormat(QImage::Format_ARGB32_Premultiplied)
                    .scaled(side, side, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
    }
    return patch;
}

QColor TraceModel::codeColour(std::int32_t code) const
{
    if (header() == nullptr || code < 0 || code >= static_cast<std::int64_t>(header()->codeColours.size())) {
        return {};
    }
    const CodeColours& thumbnail = header()->codeColours[static_cast<std::size_t>(code)];
    int sum[3] = {0, 0, 0};
    for (std::size_t i = 0; i < thumbnail.size(); ++i) {
        sum[i % 3] += thumbnail[i];
    }
    return {sum[0] / 16, sum[1] / 16, sum[2] / 16};
}

QImage TraceModel::compose(int pass) const
{
    const QSize size = pictureSize();
    if (size.isEmpty()) {
        return {};
    }
    pass = std::min(pass, passes() - 1); // a pass to come is the newest: kept as that one, not under its own number
    if (!m_composed.isNull() && m_composedPass == pass) {
        return m_composed;
    }
    QImage picture(size, QImage::Format_ARGB32_Premultiplied);
    picture.fill(Qt::transparent);
    if (pass >= 0) {
        const int side = static_cast<int>(layout().patchPixels);
        const auto tokens = tokensAfter(pass);
        const int decoded = m_best == nullptr
                                ? 0
                                : std::min(committedEnd(pass), static_cast<int>(std::min<std::uint32_t>(
                                                                   m_best->committedEnd, 1U << 30)));
        const int fullRows = decoded / columns();
        QPainter painter(&picture);
        const QImage best = finalPicture();
        const QRect whole(0, 0, size.width(), fullRows * side);
        painter.drawImage(whole, best, whole);
        const QRect rest(0, fullRows * side, (decoded % columns()) * side, side);
        if (rest.isValid()) {
            painter.drawImage(rest, best, rest);
        }
        for (int position = decoded; position < m_positions; ++position) {
            const QImage patch = codePatch(tokens[static_cast<std::size_t>(position)]);
            if (!patch.isNull()) {
                painter.drawImage(position % columns() * side, position / columns() * side, patch);
            }
        }
    }
    m_composed = picture;
    m_composedPass = pass;
    return picture;
}

} // namespace jacobi
