// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/flowslots.h"

#include "core/cuda/hostkernels.h"
#include "tests/testmain.h"

#include <ATen/ATen.h>

using namespace jacobi;

class FlowSlotsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void slotsTakeTurnsAndShareNothing()
    {
        const auto slots = FlowSlots::make(hostOps(), 2, 3);
        QVERIFY(slots);
        std::vector<FlowSlots::Slot*> seen;
        for (int i = 0; i < 4; ++i) {
            FlowSlots::Slot& slot = (*slots)->next();
            slot.told.fill_(i);
            slot.left.fill_(10 + i);
            QVERIFY(std::find(seen.begin(), seen.end(), &slot) == seen.end());
            seen.push_back(&slot);
        }
        for (int i = 0; i < 4; ++i) {
            QCOMPARE(seen[static_cast<std::size_t>(i)]->told.sum().item<double>(), 2.0 * i);
            QCOMPARE(seen[static_cast<std::size_t>(i)]->left.sum().item<double>(), 3.0 * (10 + i));
        }
        QVERIFY(&(*slots)->next() == seen.front());
    }

    void whatADeviceRefusesIsAnError()
    {
        DeviceOps ops = hostOps();
        ops.allocatePinned = [](void**, std::uint64_t) { return kDeviceOutOfMemory; };
        QCOMPARE(FlowSlots::make(ops, 2, 3).error().code, ErrorCode::OutOfMemory);
        ops = hostOps();
        ops.createEvent = [](void**) { return 999; };
        QVERIFY(!FlowSlots::make(ops, 2, 3));
    }
};

JACOBI_TEST(FlowSlotsTest)
#include "tst_flowslots.moc"
