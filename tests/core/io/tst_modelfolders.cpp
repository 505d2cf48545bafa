// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/modelfolders.h"
#include "tests/core/io/files.h"
#include "tests/testmain.h"

#include <sys/stat.h>

using namespace jacobi;
using namespace jacobi::test;

namespace {

namespace fs = std::filesystem;

void addModel(const fs::path& folder)
{
    fs::create_directories(folder);
    writeText(folder / "model.json", "{}");
}

std::string idsOf(const std::vector<fs::path>& roots)
{
    std::string ids;
    for (const ModelFolder& folder : findModelFolders(roots)) {
        ids += folder.id + " ";
    }
    return ids;
}

/// An environment variable, as it was before when this ends.
class Variable {
public:
    explicit Variable(const char* name)
        : m_name(name), m_before(qgetenv(name)), m_wasSet(qEnvironmentVariableIsSet(name))
    {
    }
    ~Variable() { m_wasSet ? qputenv(m_name, m_before) : qunsetenv(m_name); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

    void set(const char* value) const { qputenv(m_name, value); }
    void unset() const { qunsetenv(m_name); }

private:
    const char* m_name;
    QByteArray m_before;
    bool m_wasSet;
};

} // namespace

class ModelFoldersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void foldersWithAModelAreFoundByName()
    {
        const TempFolder root;
        addModel(root / "b");
        addModel(root / "a");
        addModel(root / "deep/below");
        fs::create_directory(root / "empty");
        writeText(root / "file", "");
        QCOMPARE(idsOf({root.path()}), std::string("a b "));
        QCOMPARE(findModelFolders({root.path()})[0].path, root / "a");
    }

    void aRootMayBeAModelItself()
    {
        const TempFolder root;
        addModel(root / "mine");
        addModel(root / "mine/inside");
        QCOMPARE(idsOf({root / "mine"}), std::string("mine "));
        QCOMPARE(idsOf({root / "mine/"}), std::string("mine "));
        QCOMPARE(idsOf({root / "mine/inside/.."}), std::string("mine "));
    }

    void whateverIsCalledModelJsonStandsForAModel()
    {
        const TempFolder first;
        const TempFolder second;
        fs::create_directories(first / "folder/model.json");
        fs::create_directories(first / "link");
        fs::create_symlink("nowhere", first / "link/model.json");
        fs::create_directories(first / "pipe");
        QCOMPARE(::mkfifo((first / "pipe/model.json").c_str(), 0600), 0);
        for (const char* name : {"folder", "link", "pipe"}) {
            addModel(second / name);
        }
        const auto found = findModelFolders({first.path(), second.path()});
        QCOMPARE(found.size(), std::size_t{3});
        for (const ModelFolder& folder : found) {
            QCOMPARE(folder.path.parent_path(), first.path());
        }
    }

    void theFirstOfTwoNamesCounts()
    {
        const TempFolder first;
        const TempFolder second;
        addModel(first / "a");
        addModel(second / "a");
        addModel(second / "b");
        const auto found = findModelFolders({first.path(), first / "none", second.path()});
        QCOMPARE(found.size(), std::size_t{2});
        QCOMPARE(found[0].path, first / "a");
        QCOMPARE(found[1].path, second / "b");
    }

    void whatIsNoFolderIsPassedOver()
    {
        const TempFolder root;
        writeText(root / "file", "");
        fs::create_symlink("loop", root / "loop");
        QCOMPARE(idsOf({root / "file", root / "loop", root / "none", ""}), std::string());
        QCOMPARE(idsOf({root.path()}), std::string());
    }

    void rootsStandInOrder()
    {
        const Variable data("XDG_DATA_HOME");
        data.set("/data");
        const auto roots = modelSearchRoots({"one", "two"}, "/nowhere/bin/jacobi");
        QVERIFY(roots == (std::vector<fs::path>{"one", "two", "/data/jacobi-studio/models",
                                                "/nowhere/share/jacobi-studio/models"}));
        QCOMPARE(modelSearchRoots({}, "").size(), std::size_t{1});
    }

    void dataFolderFollowsTheXdgRules()
    {
        const Variable data("XDG_DATA_HOME");
        const Variable home("HOME");
        home.set("/people/me");
        const fs::path usual = "/people/me/.local/share/jacobi-studio/models";
        data.unset();
        QCOMPARE(modelSearchRoots({}, "").front(), usual);
        data.set("");
        QCOMPARE(modelSearchRoots({}, "").front(), usual);
        data.set("relative");
        QCOMPARE(modelSearchRoots({}, "").front(), usual);
        home.unset();
        QVERIFY(modelSearchRoots({}, "").empty());
    }

    void theSourceTreeIsFoundFromABuildFolder()
    {
        const TempFolder tree;
        fs::create_directories(tree / "models/pretrained");
        fs::create_directories(tree / "build/dev/bin");
        writeText(tree / "build/dev/bin/jacobi", "");
        fs::create_symlink("build/dev/bin/jacobi", tree / "link");
        const fs::path models = fs::canonical(tree.path()) / "models/pretrained";
        QCOMPARE(modelSearchRoots({}, tree / "build/dev/bin/jacobi").back(), models);
        QCOMPARE(modelSearchRoots({}, tree / "link").back(), models);
        QVERIFY(modelSearchRoots({}, tree / "a/b/c/d/e/jacobi").back() != models);
    }

    void thisProgramKnowsWhereItLies()
    {
        QVERIFY(fs::is_regular_file(executablePath()));
        QVERIFY(executablePath().filename().string().starts_with("test_core_io"));
    }
};

JACOBI_TEST(ModelFoldersTest)
#include "tst_modelfolders.moc"
