// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QPaintDevice>
#include <QSize>
#include <QSizeF>
#include <QString>

#include <memory>

namespace jacobi {

/// Something to paint on that becomes an SVG 1.1 file: shapes as paths, text as text, pictures embedded, everything clipped
/// as the painter clips it. (QSvgGenerator clips nothing, and writes a title as it is.) A unit is 1/96 inch. One painter, once.
class SvgPaper : public QPaintDevice {
public:
    /// size: of what is painted on, in units; millimetres: of the picture that the file is.
    SvgPaper(const QSize& size, const QSizeF& millimetres);
    ~SvgPaper() override;

    /// The whole file, once the painter has ended. The texts are plain; what XML cannot hold is left out of them.
    QByteArray file(const QString& title, const QString& description, const QString& program) const;

    QPaintEngine* paintEngine() const override;

protected:
    int metric(PaintDeviceMetric which) const override;

private:
    class Engine;
    QSize m_size;
    QSizeF m_millimetres;
    std::unique_ptr<Engine> m_engine;
};

} // namespace jacobi
