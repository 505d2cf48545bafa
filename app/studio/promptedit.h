// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/text/wordtokenizer.h"

#include <QPlainTextEdit>

#include <memory>

class QSyntaxHighlighter;

namespace jacobi {

/// The prompt: a few lines of text in which words the model never saw are underlined. Tab leaves it.
class PromptEdit : public QPlainTextEdit {
    Q_OBJECT

public:
    explicit PromptEdit(QWidget* parent = nullptr);
    ~PromptEdit() override;

    /// Words the model knows and the most it reads; an empty list: it takes any text.
    void setVocabulary(const std::vector<std::string>& words, int mostWords);
    void replaceText(const QString& text); ///< can be undone
    bool isTooLong() const;                ///< for the tokenizer: no words are known of it

    QString prompt() const { return toPlainText().trimmed(); }
    int knownWords() const;
    int mostWords() const { return m_mostWords; } ///< 0: no limit
    QStringList unknownWords() const;
    /// A known word spelled much like it, or nothing.
    QString nearestWord(const QString& word) const;

protected:
    /// Files are for the window to open, not text.
    bool canInsertFromMimeData(const QMimeData* data) const override;

private:
    WordTokenizer::Encoded encoded() const;

    std::unique_ptr<WordTokenizer> m_tokenizer; ///< null: any text
    int m_mostWords = 0;
    QSyntaxHighlighter* m_highlighter = nullptr; // owned by the document
};

} // namespace jacobi
