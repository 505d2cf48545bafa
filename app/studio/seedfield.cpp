// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/seedfield.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QRandomGenerator>
#include <QValidator>

#include <algorithm>

namespace jacobi {
namespace {

/// Six digits are easy to read out and to type; there are pictures enough in them.
constexpr quint32 kRandomSeeds = 1'000'000;

/// Whole numbers of 64 bits: a digit too many cannot be typed.
class SeedValidator : public QValidator {
public:
    using QValidator::QValidator;
    State validate(QString& text, int&) const override
    {
        bool ok = text.isEmpty();
        if (!ok && std::all_of(text.cbegin(), text.cend(), [](QChar c) { return c >= u'0' && c <= u'9'; })) {
            text.toULongLong(&ok);
        }
        return !ok ? Invalid : text.isEmpty() ? Intermediate : Acceptable;
    }
};

} // namespace

SeedField::SeedField(QWidget* parent)
    : QWidget(parent), m_field(new QLineEdit(this)), m_lock(new QPushButton(tr("Lock"), this))
{
    auto* fresh = new QPushButton(tr("New"), this);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(m_field, 1);
    row->addWidget(m_lock);
    row->addWidget(fresh);
    m_field->setValidator(new SeedValidator(m_field));
    m_field->setAccessibleName(tr("Seed"));
    m_field->setToolTip(tr("The same seed and settings make the same picture again"));
    m_lock->setCheckable(true);
    m_lock->setToolTip(tr("Use this seed for every run"));
    fresh->setToolTip(tr("Choose another seed for the next run"));
    for (QPushButton* button : {m_lock, fresh}) {
        button->setFixedHeight(m_field->sizeHint().height());
    }
    connect(m_field, &QLineEdit::textEdited, this, &SeedField::take);
    connect(m_field, &QLineEdit::editingFinished, this, [this] { setSeed(m_seed); }); // an empty field
    connect(fresh, &QPushButton::clicked, this, &SeedField::drawNew);
    connect(m_lock, &QPushButton::toggled, this, &SeedField::edited);
    setSeed(QRandomGenerator::global()->bounded(kRandomSeeds));
}

quint64 SeedField::seed() const
{
    return m_seed;
}

void SeedField::setSeed(quint64 seed)
{
    m_seed = seed;
    const QString text = QString::number(seed);
    if (m_field->text() != text) {
        m_field->setText(text);
    }
}

bool SeedField::isLocked() const
{
    return m_lock->isChecked();
}

void SeedField::setLocked(bool locked)
{
    m_lock->setChecked(locked);
}

void SeedField::take()
{
    bool ok = false;
    const quint64 seed = m_field->text().toULongLong(&ok);
    if (ok) {
        m_seed = seed;
        m_fresh = true;
        Q_EMIT edited();
    }
}

void SeedField::drawNew()
{
    setSeed(QRandomGenerator::global()->bounded(kRandomSeeds));
    m_fresh = true;
    Q_EMIT edited();
}

quint64 SeedField::nextSeed()
{
    if (!isLocked() && !m_fresh) {
        drawNew();
    }
    setSeed(m_seed); // which an empty field does not say
    return m_seed;
}

void SeedField::wasUsed(quint64 seed)
{
    m_fresh = m_fresh && m_seed != seed;
}

} // namespace jacobi
