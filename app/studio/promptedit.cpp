// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/promptedit.h"

#include "widgets/theme.h"

#include <QMimeData>
#include <QRegularExpression>
#include <QSignalBlocker>
#include <QSyntaxHighlighter>
#include <QTextCursor>

namespace jacobi {
namespace {

/// Underlines the words of a line that the tokenizer reports as unknown.
class UnknownWords : public QSyntaxHighlighter {
public:
    UnknownWords(QTextDocument* document, const std::unique_ptr<WordTokenizer>& tokenizer)
        : QSyntaxHighlighter(document), m_tokenizer(tokenizer)
    {
    }

protected:
    void highlightBlock(const QString& text) override
    {
        if (m_tokenizer == nullptr) {
            return;
        }
        QTextCharFormat format;
        format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        format.setUnderlineColor(colours().redrawn);
        static const QRegularExpression word(QStringLiteral("[^\\s\\p{P}]+"));
        for (auto found = word.globalMatch(text); found.hasNext();) {
            const QRegularExpressionMatch match = found.next();
            if (!m_tokenizer->encode(match.captured().toStdString()).unknownWords.empty()) {
                setFormat(static_cast<int>(match.capturedStart()), static_cast<int>(match.capturedLength()), format);
            }
        }
    }

private:
    const std::unique_ptr<WordTokenizer>& m_tokenizer;
};

} // namespace

PromptEdit::PromptEdit(QWidget* parent) : QPlainTextEdit(parent)
{
    setTabChangesFocus(true);
    setAccessibleName(tr("Prompt"));
    setPlaceholderText(
        tr("What the picture shows, for example: a red house on the left below snowy mountains, sunset"));
    m_highlighter = new UnknownWords(document(), m_tokenizer);
    connect(&Theme::instance(), &Theme::changed, m_highlighter, &QSyntaxHighlighter::rehighlight);
}

PromptEdit::~PromptEdit()
{
    const QSignalBlocker quiet(this); // The last of its marks is a change of the text, and who listens may be gone.
    delete m_highlighter;             // It looks at m_tokenizer.
}

void PromptEdit::setVocabulary(const std::vector<std::string>& words, int mostWords)
{
    m_tokenizer = words.empty() ? nullptr : std::make_unique<WordTokenizer>(words);
    m_mostWords = mostWords;
    m_highlighter->rehighlight();
}

WordTokenizer::Encoded PromptEdit::encoded() const
{
    return m_tokenizer == nullptr || isTooLong() ? WordTokenizer::Encoded{}
                                                 : m_tokenizer->encode(toPlainText().toStdString());
}

bool PromptEdit::isTooLong() const
{
    return static_cast<std::size_t>(toPlainText().toUtf8().size()) > WordTokenizer::kMaxPromptBytes;
}

void PromptEdit::replaceText(const QString& text)
{
    if (document()->isEmpty()) {
        setPlainText(text); // nothing is lost
        return;
    }
    QTextCursor all(document());
    all.select(QTextCursor::Document);
    all.insertText(text);
}

bool PromptEdit::canInsertFromMimeData(const QMimeData* data) const
{
    return !data->hasUrls() && QPlainTextEdit::canInsertFromMimeData(data);
}

int PromptEdit::knownWords() const
{
    return static_cast<int>(encoded().ids.size());
}

QStringList PromptEdit::unknownWords() const
{
    QStringList words;
    for (const std::string& word : encoded().unknownWords) {
        words << QString::fromStdString(word);
    }
    return words;
}

QString PromptEdit::nearestWord(const QString& word) const
{
    if (m_tokenizer == nullptr) {
        return {};
    }
    const std::vector<std::string> nearest = m_tokenizer->nearestWords(word.toStdString(), 1);
    return nearest.empty() ? QString() : QString::fromStdString(nearest.front());
}

} // namespace jacobi
