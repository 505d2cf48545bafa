// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/svgpaper.h"

#include <QBuffer>
#include <QCryptographicHash>
#include <QFont>
#include <QImage>
#include <QLinearGradient>
#include <QPaintEngine>
#include <QPainterPath>
#include <QPixmap>
#include <QSet>

#include <algorithm>
#include <cmath>

namespace jacobi {
namespace {

constexpr int kDpi = 96;

/// In the words of SVG 1.1, and in those of CSS, which know a better one.
constexpr const char* kSharp = " image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\"";

QByteArray number(qreal value)
{
    QByteArray text = QByteArray::number(value, 'f', 3); // a thousandth of a unit is less than any printer prints
    while (text.endsWith('0')) {
        text.chop(1);
    }
    if (text.endsWith('.')) {
        text.chop(1);
    }
    return text == "-0" ? QByteArray("0") : text;
}

QByteArray escaped(const QString& text)
{
    QString kept;
    for (const QChar c : text) {
        if (c.unicode() >= 0x20 && c.unicode() < 0xfffe) { // XML has no other control characters but line ends and tabs
            kept += c;
        } else if (c.isSpace()) {
            kept += QLatin1Char(' ');
        }
    }
    return kept.toHtmlEscaped().toUtf8(); // whose escapes are XML's
}

QByteArray attribute(const char* name, const QByteArray& value)
{
    return ' ' + QByteArray(name) + "=\"" + value + '"';
}

QByteArray pathData(const QPainterPath& path)
{
    QByteArray data;
    QPointF start;
    const auto add = [&data](const char* letter, const QPointF& to) {
        data += letter + number(to.x()) + ' ' + number(to.y());
    };
    for (int at = 0; at < path.elementCount(); ++at) {
        const QPainterPath::Element element = path.elementAt(at);
        switch (element.type) {
        case QPainterPath::MoveToElement:
            start = element;
            add("M", element);
            break;
        case QPainterPath::LineToElement: {
            const bool isLast = at + 1 == path.elementCount() || path.elementAt(at + 1).isMoveTo();
            if (isLast && QPointF(element) == start) {
                data += 'Z';
            } else {
                add("L", element);
            }
            break;
        }
        case QPainterPath::CurveToElement: add("C", element); break;
        case QPainterPath::CurveToDataElement: add(" ", element); break;
        }
    }
    return data;
}

QByteArray colourAttributes(const char* name, const QColor& colour)
{
    QByteArray text = attribute(name, colour.name().toLatin1());
    if (colour.alpha() < 255) {
        text += attribute(QByteArray(name).append("-opacity").constData(), number(colour.alphaF()));
    }
    return text;
}

QByteArray penAttributes(const QPen& pen)
{
    if (pen.style() == Qt::NoPen || pen.color().alpha() == 0) {
        return {};
    }
    const qreal width = pen.widthF() > 0.0 ? pen.widthF() : 1.0;
    QByteArray text = colourAttributes("stroke", pen.color()) + attribute("stroke-width", number(width));
    if (pen.capStyle() != Qt::FlatCap) {
        text += attribute("stroke-linecap", pen.capStyle() == Qt::RoundCap ? "round" : "square");
    }
    if (pen.joinStyle() == Qt::RoundJoin || pen.joinStyle() == Qt::BevelJoin) {
        text += attribute("stroke-linejoin", pen.joinStyle() == Qt::RoundJoin ? "round" : "bevel");
    }
    QByteArray dashes;
    for (const qreal dash : pen.dashPattern()) {
        dashes += (dashes.isEmpty() ? "" : " ") + number(dash * width);
    }
    return pen.style() == Qt::SolidLine ? text : text + attribute("stroke-dasharray", dashes);
}

/// Many programs smooth every picture that they enlarge, whatever the file says: of more pixels only the edges blur.
QImage sharpened(const QImage& image)
{
    constexpr int kPixels = 2048;
    constexpr int kMostTimes = 16;
    const int times = std::min(kMostTimes, kPixels / std::max({1, image.width(), image.height()}));
    return times > 1 ? image.scaled(image.size() * times, Qt::IgnoreAspectRatio, Qt::FastTransformation) : image;
}

qreal unitsOf(const QFont& font)
{
    return font.pixelSize() > 0 ? font.pixelSize() : font.pointSizeF() * kDpi / 72.0;
}

QByteArray fontAttributes(const QFont& font)
{
    // Where the reader has no such typeface, one that is alike.
    QByteArray text = attribute("font-family", escaped(font.family()) + ", Helvetica, Arial, sans-serif") +
                      attribute("font-size", number(unitsOf(font)));
    if (font.weight() != QFont::Normal) {
        text += attribute("font-weight", QByteArray::number(font.weight()));
    }
    return text;
}

} // namespace

/// Writes an element for each thing that is painted. Numbers are the device's wherever the painter only moved; what it turned
/// or scaled carries its transform.
class SvgPaper::Engine : public QPaintEngine {
public:
    Engine()
        : QPaintEngine(PaintEngineFeatures(PrimitiveTransform | PatternTransform | PixmapTransform | PatternBrush |
                                           LinearGradientFill | AlphaBlend | PainterPaths | Antialiasing | BrushStroke |
                                           ConstantOpacity | PaintOutsidePaintEvent))
    {
    }

    QByteArray body() const { return m_body + (m_clip.isEmpty() ? "" : "</g>\n"); }

    bool begin(QPaintDevice*) override { return true; }
    bool end() override { return true; }
    Type type() const override { return User; }

    void updateState(const QPaintEngineState& state) override
    {
        const DirtyFlags flags = state.state();
        if (flags & DirtyTransform) {
            m_transform = state.transform();
        }
        if (flags & DirtyClipEnabled) {
            m_clips = state.isClipEnabled();
        }
        if (flags & DirtyClipRegion) {
            QPainterPath path;
            path.addRegion(state.clipRegion());
            takeClip(path, state.clipOperation());
        } else if (flags & DirtyClipPath) {
            takeClip(state.clipPath(), state.clipOperation());
        }
    }

    void drawPath(const QPainterPath& path) override
    {
        const QBrush brush = state->brush();
        const QByteArray stroke = penAttributes(state->pen());
        const bool isFilled = brush.style() != Qt::NoBrush;
        if (path.isEmpty() || (stroke.isEmpty() && !isFilled)) {
            return;
        }
        const QByteArray fill = isFilled ? fillAttributes(brush) : attribute("fill", "none");
        const QByteArray rule = isFilled && path.fillRule() == Qt::OddEvenFill ? attribute("fill-rule", "evenodd") : "";
        write("<path" + attribute("d", pathData(placed(path))) + fill + rule + stroke + common() + "/>");
    }

    void drawPolygon(const QPointF* points, int count, PolygonDrawMode mode) override
    {
        QPainterPath path;
        path.addPolygon(QPolygonF(QVector<QPointF>(points, points + count)));
        path.setFillRule(mode == WindingMode ? Qt::WindingFill : Qt::OddEvenFill);
        if (mode != PolylineMode) {
            path.closeSubpath();
            drawPath(path);
            return;
        }
        if (const QByteArray stroke = penAttributes(state->pen()); !stroke.isEmpty()) {
            write("<path" + attribute("d", pathData(placed(path))) + attribute("fill", "none") + stroke + common() + "/>");
        }
    }
    void drawPolygon(const QPoint* points, int count, PolygonDrawMode mode) override
    {
        QVector<QPointF> exact;
        std::copy_n(points, count, std::back_inserter(exact));
        drawPolygon(exact.constData(), count, mode);
    }

    void drawImage(const QRectF& target, const QImage& image, const QRectF& part, Qt::ImageConversionFlags) override
    {
        const QRect pixels = part.toRect();
        const bool isSmooth = state->renderHints() & QPainter::SmoothPixmapTransform;
        const QImage shown = pixels == image.rect() ? image : image.copy(pixels);
        QBuffer png;
        png.open(QIODevice::WriteOnly);
        (isSmooth ? shown : sharpened(shown)).save(&png, "PNG");
        const QRectF box = moved(target);
        write("<image" + attribute("x", number(box.x())) + attribute("y", number(box.y())) +
              attribute("width", number(box.width())) + attribute("height", number(box.height())) +
              attribute("preserveAspectRatio", "none") +
              (isSmooth ? "" : kSharp) + common() +
              attribute("xlink:href", "data:image/png;base64," + png.data().toBase64()) + "/>");
    }
    void drawPixmap(const QRectF& target, const QPixmap& pixmap, const QRectF& part) override
    {
        drawImage(target, pixmap.toImage(), part, Qt::AutoColor);
    }

    void drawTextItem(const QPointF& point, const QTextItem& item) override
    {
        const QPointF at = isMovedOnly() ? point + QPointF(m_transform.dx(), m_transform.dy()) : point;
        write("<text" + attribute("x", number(at.x())) + attribute("y", number(at.y())) + fontAttributes(item.font()) +
              colourAttributes("fill", state->pen().color()) + common() + '>' + escaped(item.text()) + "</text>");
    }

private:
    bool isMovedOnly() const { return m_transform.type() <= QTransform::TxTranslate; }
    QPainterPath placed(const QPainterPath& path) const
    {
        return isMovedOnly() ? path.translated(m_transform.dx(), m_transform.dy()) : path;
    }
    QRectF moved(const QRectF& box) const
    {
        return isMovedOnly() ? box.translated(m_transform.dx(), m_transform.dy()) : box;
    }

    /// Transform and opacity, where there are any.
    QByteArray common() const
    {
        QByteArray text;
        if (!isMovedOnly()) {
            QByteArray matrix;
            for (const qreal value : {m_transform.m11(), m_transform.m12(), m_transform.m21(), m_transform.m22(),
                                      m_transform.dx(), m_transform.dy()}) {
                matrix += (matrix.isEmpty() ? "" : " ") + QByteArray::number(value, 'g', 9);
            }
            text += attribute("transform", "matrix(" + matrix + ')');
        }
        return state->opacity() < 1.0 ? text + attribute("opacity", number(state->opacity())) : text;
    }

    QByteArray fillAttributes(const QBrush& brush)
    {
        switch (brush.style()) {
        case Qt::BDiagPattern: return attribute("fill", "url(#" + hatch(brush.color()) + ')');
        case Qt::LinearGradientPattern:
            return attribute("fill", "url(#" + gradient(*static_cast<const QLinearGradient*>(brush.gradient())) + ')');
        default: return colourAttributes("fill", brush.color());
        }
    }

    /// Named for what it is, so that files in one page never take each other's.
    QByteArray define(const char* kind, const QByteArray& element, const QByteArray& attributes, const QByteArray& inside)
    {
        const QByteArray id = kind + QCryptographicHash::hash(attributes + inside, QCryptographicHash::Md5).toHex().left(12);
        if (!m_defined.contains(id)) {
            m_defined.insert(id);
            m_definitions += '<' + element + attribute("id", id) + attributes + '>' + inside + "</" + element + ">\n";
        }
        return id;
    }

    QByteArray hatch(const QColor& ink)
    {
        const QByteArray line = "<path" + attribute("d", "M-1 9L9 -1M-1 1L1 -1M7 9L9 7") + attribute("fill", "none") +
                                colourAttributes("stroke", ink) + attribute("stroke-width", "1") + "/>";
        return define("hatch", "pattern",
                      attribute("width", "8") + attribute("height", "8") + attribute("patternUnits", "userSpaceOnUse"), line);
    }

    QByteArray gradient(const QLinearGradient& gradient)
    {
        QByteArray stops;
        for (const auto& [offset, colour] : gradient.stops()) {
            stops += "<stop" + attribute("offset", number(offset)) + colourAttributes("stop-color", colour) + "/>";
        }
        const QLineF line = QLineF(gradient.start(), gradient.finalStop());
        const QLineF axis = isMovedOnly() ? m_transform.map(line) : line;
        return define("gradient", "linearGradient",
                      attribute("gradientUnits", "userSpaceOnUse") + attribute("x1", number(axis.x1())) +
                          attribute("y1", number(axis.y1())) + attribute("x2", number(axis.x2())) +
                          attribute("y2", number(axis.y2())),
                      stops);
    }

    void takeClip(const QPainterPath& path, Qt::ClipOperation operation)
    {
        const QPainterPath here = m_transform.map(path);
        m_clipPath = operation == Qt::IntersectClip && m_clips ? m_clipPath.intersected(here) : here;
        m_clips = operation != Qt::NoClip;
    }

    /// What follows one another with the same clip shares a group.
    void write(const QByteArray& element)
    {
        const QByteArray data = m_clips ? pathData(m_clipPath) : QByteArray();
        if (m_clips && data.isEmpty()) {
            return; // nothing of it is seen
        }
        const QByteArray clip =
            m_clips ? define("clip", "clipPath", {}, "<path" + attribute("d", data) + "/>") : QByteArray();
        if (clip != m_clip) {
            m_body += m_clip.isEmpty() ? "" : "</g>\n";
            m_body += clip.isEmpty() ? "" : "<g" + attribute("clip-path", "url(#" + clip + ')') + ">\n";
            m_clip = clip;
        }
        m_body += element + '\n';
    }

    friend class SvgPaper;
    QTransform m_transform;
    bool m_clips = false;
    QPainterPath m_clipPath; ///< of the device
    QByteArray m_clip;       ///< of the group that is open; empty: none
    QByteArray m_body;
    QByteArray m_definitions;
    QSet<QByteArray> m_defined;
};

SvgPaper::SvgPaper(const QSize& size, const QSizeF& millimetres)
    : m_size(size), m_millimetres(millimetres), m_engine(std::make_unique<Engine>())
{
}

SvgPaper::~SvgPaper() = default;

QPaintEngine* SvgPaper::paintEngine() const
{
    return m_engine.get();
}

QByteArray SvgPaper::file(const QString& title, const QString& description, const QString& program) const
{
    QByteArray text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
                      "xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\"";
    text += attribute("width", number(m_millimetres.width()) + "mm") +
            attribute("height", number(m_millimetres.height()) + "mm") +
            attribute("viewBox", "0 0 " + QByteArray::number(m_size.width()) + ' ' + QByteArray::number(m_size.height())) +
            ">\n";
    text += "<title>" + escaped(title) + "</title>\n<desc>" + escaped(description) + "</desc>\n";
    if (!program.isEmpty()) {
        text += "<metadata>" + escaped(program) + "</metadata>\n";
    }
    if (!m_engine->m_definitions.isEmpty()) {
        text += "<defs>\n" + m_engine->m_definitions + "</defs>\n";
    }
    return text + m_engine->body() + "</svg>\n";
}

int SvgPaper::metric(PaintDeviceMetric which) const
{
    switch (which) {
    case PdmWidth: return m_size.width();
    case PdmHeight: return m_size.height();
    case PdmWidthMM: return static_cast<int>(std::lround(m_millimetres.width()));
    case PdmHeightMM: return static_cast<int>(std::lround(m_millimetres.height()));
    case PdmDpiX:
    case PdmDpiY:
    case PdmPhysicalDpiX:
    case PdmPhysicalDpiY: return kDpi;
    case PdmDepth: return 32;
    case PdmDevicePixelRatio: return 1;
    case PdmDevicePixelRatioScaled: return static_cast<int>(devicePixelRatioFScale());
    default: return QPaintDevice::metric(which);
    }
}

} // namespace jacobi
