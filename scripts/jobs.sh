#!/usr/bin/env bash
# Compares the controller `pretrained` with the standing panel on jobs that nothing was chosen on, set by set.
#
#   cargo build --release && scripts/jobs.sh [FOLDER]
#
# Every rival is tuned on 100 other jobs of the very set. Beside the panel there are three rivals whose weight decay is tuned
# as well, since the controller moves it. A set whose comparison is complete is not made again, and one that was interrupted
# goes on. About an hour on two cores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${1:-runs/jobs}
descender=${DESCENDER:-target/release/descender}
decayed='tuned:linear;optimizer=adamw;warmup=0.05;beta2=0.99;weight_decay=0.1/1;for=validation-loss'
decayed+=',tuned:cosine;optimizer=nadamw;warmup=0.05;beta2=0.99;weight_decay=0.1/1;for=validation-loss'
decayed+=',tuned:schedule-free-adamw;warmup=0.05;beta2=0.99;weight_decay=0.1/1;for=validation-loss'

mkdir -p "$folder"
for set in jobs:600 data-sets:400 architectures:400 overfitting:400 horizons:300; do
    out="$folder/${set%:*}"
    if [[ ! -e "$out/comparison.json" ]]; then
        "$descender" compare --controller pretrained --task "${set%:*}" --starts "${set#*:}" --seed 2029 --portfolio \
            --against "panel,$decayed" --out "$out" >"$folder/${set%:*}.txt"
    fi
done
