#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Jacobi Studio authors
# SPDX-License-Identifier: GPL-3.0-or-later
# compilekernels.sh NVCC FOLDER ARCHITECTURE...: compiles every kernel of core/cuda for each of these (80 86 ...), into
# FOLDER, and fails where one does not compile or warns. Needs no GPU. Minutes of one core.
set -euo pipefail

nvcc=$1 out=$2
shift 2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
mkdir -p "$out"
for source in "$root"/core/cuda/*.cu; do
    name=$(basename "$source" .cu)
    for architecture in "$@"; do
        "$nvcc" -std=c++20 -O3 --expt-relaxed-constexpr -fmad=false -Werror=all-warnings -Xcompiler=-Wall,-fPIC \
            -gencode "arch=compute_$architecture,code=sm_$architecture" -I "$root" -c "$source" \
            -o "$out/$name.$architecture.o"
        printf '%s for sm_%s: %s bytes\n' "$name" "$architecture" "$(stat -c %s "$out/$name.$architecture.o")"
    done
done
