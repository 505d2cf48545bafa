// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/limits.h"
#include "core/io/pickle.h"
#include "tests/core/io/files.h"
#include "tests/core/io/torchzip.h"
#include "tests/testmain.h"

using namespace jacobi;
using namespace jacobi::test;
namespace p = jacobi::test::pickled;
using Kind = PickleValue::Kind;

namespace {

Result<Pickle> read(const std::string& value)
{
    return readPickle(asBytes(p::whole(value)), "a.pt");
}

} // namespace

class PickleTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void plainValues()
    {
        const auto pickle = read(p::tuple("N" + p::bytes({0x88, 0x89}) + "K\x07" + "M\x01\x02" + p::number(~0U) +
                                          p::bytes({0x8a, 2, 0xFE, 0xFF, 0x8a, 0}) +
                                          p::bytes({'G', 0x3F, 0xF8, 0, 0, 0, 0, 0, 0}) + p::text("\xC3\xA4") +
                                          p::bytes({0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1})));
        QVERIFY(pickle);
        const PickleValue& root = (*pickle)[pickle->root];
        QCOMPARE(root.items.size(), std::size_t{11});
        const auto at = [&](std::size_t i) { return (*pickle)[root.items[i]]; };
        QVERIFY(at(0).kind == Kind::None);
        QVERIFY(at(1).kind == Kind::Bool && at(1).integer == 1 && at(2).integer == 0);
        QCOMPARE(at(3).integer, 7);
        QCOMPARE(at(4).integer, 0x201);
        QCOMPARE(at(5).integer, -1);
        QCOMPARE(at(6).integer, -2);
        QCOMPARE(at(7).integer, 0);
        QCOMPARE(at(8).real, 1.5);
        QCOMPARE(at(9).text, std::string("\xC3\xA4"));
        QVERIFY(at(10).kind == Kind::Inert); // 2^64
    }

    void containersAndTheMemo()
    {
        // {"a": [1, 2], "b": the same list}, and an OrderedDict with one item.
        const auto pickle = read(p::tuple("}(" + p::text("a") + "]q\x05(K\x01K\x02" + "e" + p::text("b") + "h\x05u" +
                                          p::global("collections", "OrderedDict") + ")R" + p::text("k") + "K\x03s"));
        QVERIFY(pickle);
        const PickleValue& root = (*pickle)[pickle->root];
        const PickleValue& dict = (*pickle)[root.items[0]];
        QVERIFY(dict.kind == Kind::Dict);
        QCOMPARE(dict.items.size(), std::size_t{4});
        QCOMPARE(dict.items[1], dict.items[3]);
        QCOMPARE((*pickle)[dict.items[1]].items.size(), std::size_t{2});
        QVERIFY((*pickle)[root.items[1]].kind == Kind::Dict);
        QCOMPARE((*pickle)[root.items[1]].items.size(), std::size_t{2});
    }

    void callsAreOnlyRecorded()
    {
        const auto pickle = read(p::global("os", "system") + p::tuple(p::text("touch gone")) + "R");
        QVERIFY(pickle);
        const PickleValue& call = (*pickle)[pickle->root];
        QVERIFY(call.kind == Kind::Call);
        QCOMPARE(call.text, std::string("os.system"));
        QCOMPARE((*pickle)[call.items[1]].items.size(), std::size_t{1});
        // By STACK_GLOBAL, and as an object with a state.
        const auto object = read(p::text("argparse") + p::text("Namespace") + p::bytes({0x93}) + ")" +
                                 p::bytes({0x81}) + "}(" + p::text("lr") + "K\x01ub");
        QVERIFY(object);
        QCOMPARE((*object)[object->root].text, std::string("argparse.Namespace"));
    }

    void aListMayHoldItself()
    {
        const auto pickle = read("]q" + p::bytes({0}) + "h" + p::bytes({0}) + "a");
        QVERIFY(pickle);
        QCOMPARE((*pickle)[pickle->root].items.front(), pickle->root);
    }

    void wrongOnes_data()
    {
        QTest::addColumn<QByteArray>("value");
        const auto row = [](const char* name, const std::string& value) {
            QTest::newRow(name) << QByteArray::fromStdString(value);
        };
        row("nothing", "");
        row("tuple without its parts", "K\x01" + p::bytes({0x86}));
        row("pop below a mark", "K\x01(0");
        row("no mark", "K\x01t");
        row("key without value", "}(K\x01u");
        row("value into a number", "K\x01K\x02K\x03s");
        row("append to a dict", "}K\x01" "a");
        row("call of nothing", "R");
        row("build of nothing", "}b");
        row("memo that is empty", "h\x03");
        row("memo far away", "Nr" + p::bytes({0xFF, 0xFF, 0xFF, 0x7F}));
        row("text beyond the end", "X" + p::bytes({0xFF, 0xFF, 0xFF, 0xFF}));
        row("text of 2^63 bytes", p::bytes({0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80}));
        row("integer beyond the end", p::bytes({0x8b, 0xFF, 0xFF, 0xFF, 0xFF}));
        row("name without an end", "cos\nsystem");
        row("module that is a number", "K\x01K\x02" + p::bytes({0x93}));
    }
    void wrongOnes()
    {
        QFETCH(QByteArray, value);
        const auto pickle = read(value.toStdString());
        QVERIFY(!pickle);
        QCOMPARE(pickle.error().code, ErrorCode::Corrupt);
    }

    void opcodesThatRunThingsElsewhere()
    {
        // INST, OBJ, EXT1, the text form of persistent ids, and a byte that means nothing.
        for (const char* value : {"ios\nsystem\n", "o", "\x82\x01", "P1\n", "~"}) {
            const auto pickle = read(value);
            QVERIFY(!pickle);
            QCOMPARE(pickle.error().code, ErrorCode::Unsupported);
            QVERIFY(has(pickle.error().message, "torch.save does not use"));
        }
    }

    void memoryIsBounded()
    {
        QVERIFY(!readPickle(asBytes(std::string(kMaxPickleBytes + 1, 'N')), "a.pt"));
        QVERIFY(!read(std::string(kMaxPickleValues + 1, 'N')));
        // One long name, taken from the memo again and again.
        std::string names = p::text(std::string(255, 'm')) + "q" + p::bytes({0}) + p::text(std::string(255, 'n')) + "q" +
                            p::bytes({1});
        for (int i = 0; i < 1000; ++i) {
            names += "h" + p::bytes({0}) + "h" + p::bytes({1, 0x93});
        }
        const auto pickle = read(names);
        QVERIFY(pickle);
        QVERIFY((*pickle)[pickle->root].text.size() <= kMaxPickleNameBytes);
    }
};

JACOBI_TEST(PickleTest)
#include "tst_pickle.moc"
