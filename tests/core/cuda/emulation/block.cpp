// SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/cuda/emulation/block.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <ucontext.h>
#include <vector>

namespace jacobi::emulation {
namespace {

constexpr unsigned kWarp = 32;
constexpr std::size_t kStack = 128 * 1024;
constexpr std::size_t kSlot = 64;

struct Copy {
    void* to;
    const void* from;
    bool isThere;
};

struct Thread {
    enum class State { Ready, AwaitsBlock, AwaitsWarp, Done };
    ucontext_t context{}; ///< to begin with
    std::jmp_buf place{}; ///< later: without the system calls of a context
    bool hasBegun = false;
    State state = State::Ready;
    unsigned mask = 0; ///< of the lanes that a warp's thread waits for
    std::vector<Copy> started;
    std::deque<std::vector<Copy>> copies; ///< ended groups, the oldest first
};

/// The block that runs.
struct Block {
    std::vector<Thread> threads;
    std::vector<std::byte> memory; ///< shared
    std::vector<std::byte> slots;  ///< of every lane
    std::vector<std::byte> stacks;
    std::jmp_buf scheduler{};
    unsigned current = 0;
    const std::function<void()>* body = nullptr;
    bool copiesAtOnce = false;
};
Block theBlock;
int theSharedBytes = 228 * 1024;

Thread& thread()
{
    return theBlock.threads[theBlock.current];
}

void giveWay()
{
    if (_setjmp(thread().place) == 0) {
        _longjmp(theBlock.scheduler, 1);
    }
}

void goOn(unsigned number)
{
    theBlock.current = number;
    threadIdx = dim3(number);
    if (_setjmp(theBlock.scheduler) != 0) {
        return;
    }
    if (thread().hasBegun) {
        _longjmp(thread().place, 1);
    }
    thread().hasBegun = true;
    setcontext(&thread().context);
}

void runThread()
{
    (*theBlock.body)();
    thread().state = Thread::State::Done;
    giveWay();
}

/// Lets a warp's threads go on that wait for these lanes, where all of them have come. False: they have not.
bool releaseWarp(unsigned first, unsigned mask)
{
    const auto has = [&](unsigned lane) { return (mask >> lane & 1U) != 0; };
    for (unsigned lane = 0; lane < kWarp; ++lane) {
        const Thread& other = theBlock.threads[first + lane];
        const bool waits = other.state == Thread::State::AwaitsWarp && other.mask == mask;
        if (has(lane) && !waits && other.state != Thread::State::Done) {
            return false;
        }
    }
    for (unsigned lane = 0; lane < kWarp; ++lane) {
        Thread& other = theBlock.threads[first + lane];
        other.state = has(lane) && other.state == Thread::State::AwaitsWarp ? Thread::State::Ready : other.state;
    }
    return true;
}

/// Lets those go on whose others have come, or are done. False: nobody may, nor could before.
bool release()
{
    std::vector<Thread>& threads = theBlock.threads;
    bool isAny = false;
    bool haveAllCome = true;
    for (unsigned i = 0; i < threads.size(); ++i) {
        if (threads[i].state == Thread::State::AwaitsWarp) {
            isAny = releaseWarp(i / kWarp * kWarp, threads[i].mask) || isAny;
        }
        isAny = isAny || threads[i].state == Thread::State::Ready;
        haveAllCome =
            haveAllCome && (threads[i].state == Thread::State::Done || threads[i].state == Thread::State::AwaitsBlock);
    }
    for (unsigned i = 0; i < threads.size() && haveAllCome; ++i) {
        if (threads[i].state == Thread::State::AwaitsBlock) {
            threads[i].state = Thread::State::Ready;
            isAny = true;
        }
    }
    return isAny;
}

void runBlock(unsigned lanes)
{
    theBlock.threads.clear();
    theBlock.threads.resize(lanes);
    std::fill(theBlock.memory.begin(), theBlock.memory.end(), std::byte{0xFB}); // large numbers of any kind
    for (unsigned i = 0; i < lanes; ++i) {
        Thread& one = theBlock.threads[i];
        getcontext(&one.context);
        one.context.uc_stack.ss_sp = theBlock.stacks.data() + i * kStack;
        one.context.uc_stack.ss_size = kStack;
        makecontext(&one.context, runThread, 0);
    }
    bool isAny = true;
    while (isAny) {
        for (unsigned i = 0; i < lanes; ++i) {
            if (theBlock.threads[i].state == Thread::State::Ready) {
                goOn(i);
            }
        }
        isAny = release();
    }
    for (unsigned i = 0; i < lanes; ++i) {
        if (theBlock.threads[i].state != Thread::State::Done) {
            std::fprintf(stderr, "Thread %u of block (%u, %u, %u) waits for others of its %s that never come.\n", i,
                         blockIdx.x, blockIdx.y, blockIdx.z,
                         theBlock.threads[i].state == Thread::State::AwaitsBlock ? "block" : "warp");
            std::abort();
        }
    }
}

void make(const Copy& copy)
{
    constexpr std::size_t kBytes = 16;
    if (copy.isThere) {
        std::memcpy(copy.to, copy.from, kBytes);
    } else {
        std::memset(copy.to, 0, kBytes);
    }
}

} // namespace

void runBlocks(const unsigned (&grid)[3], unsigned lanes, std::size_t sharedBytes, const std::function<void()>& body)
{
    theBlock.body = &body;
    theBlock.memory.resize(sharedBytes + 16);
    theBlock.slots.resize(lanes * kSlot);
    theBlock.stacks.resize(std::max(theBlock.stacks.size(), lanes * kStack));
    blockDim = dim3(lanes);
    gridDim = dim3(grid[0], grid[1], grid[2]);
    for (unsigned z = 0; z < grid[2]; ++z) {
        for (unsigned y = 0; y < grid[1]; ++y) {
            for (unsigned x = 0; x < grid[0]; ++x) {
                blockIdx = dim3(x, y, z);
                theBlock.copiesAtOnce = !theBlock.copiesAtOnce;
                runBlock(lanes);
            }
        }
    }
}

void setSharedBytes(int bytes)
{
    theSharedBytes = bytes;
}

int sharedBytes()
{
    return theSharedBytes;
}

void* blockMemory()
{
    void* memory = theBlock.memory.data();
    std::size_t room = theBlock.memory.size();
    return std::align(16, 1, memory, room);
}

void awaitBlock()
{
    thread().state = Thread::State::AwaitsBlock;
    giveWay();
}

void awaitWarp(unsigned mask)
{
    thread().state = Thread::State::AwaitsWarp;
    thread().mask = mask;
    if (!releaseWarp(theBlock.current / kWarp * kWarp, mask)) { // else this was the last to come
        giveWay();
    }
}

std::byte* warpSlots()
{
    return theBlock.slots.data() + threadIdx.x / kWarp * kWarp * kSlot;
}

void startCopy(void* to, const void* from, bool isThere)
{
    const Copy copy{to, from, isThere};
    if (theBlock.copiesAtOnce) {
        make(copy);
    } else {
        thread().started.push_back(copy);
    }
}

void endCopies()
{
    thread().copies.push_back(std::move(thread().started));
    thread().started.clear();
}

void awaitCopies(int mayRun)
{
    auto& copies = thread().copies;
    for (; copies.size() > static_cast<std::size_t>(mayRun); copies.pop_front()) {
        for (const Copy& copy : copies.front()) {
            make(copy);
        }
    }
}

} // namespace jacobi::emulation
