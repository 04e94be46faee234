#!/usr/bin/env bash
# Compares the five controllers of results/record/best where they were not trained, under five changes of their task.
#
#   cargo build --release && scripts/shifts.sh [FOLDER]
#
# Every comparison goes to a folder of its own under FOLDER (runs/shifts); one that is complete is not made again, and one
# that was interrupted goes on. About a quarter of an hour on two cores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${1:-runs/shifts}
descender=${DESCENDER:-target/release/descender}
controllers=results/record/best

# The decayed and the averaged rivals, with the settings that the searches of the panel found on the unchanged task.
rivals='schedule-free-adamw:0.02;warmup=0.05;beta2=0.99,schedule-free-adamw:0.01414;warmup=0.05;beta2=0.99'
rivals+=',cosine:0.016;optimizer=nadamw;warmup=0.05;beta1=0.8;beta2=0.95'
rivals+=',linear:0.01131;optimizer=adamw;warmup=0.05;beta2=0.99'
rivals+=',linear:0.05;optimizer=momentum'
for seed in 12 13 14 15; do
    rivals+=",controller:$controllers/seed-$seed/controller.safetensors"
done

mkdir -p "$folder"
for change in batch=16 batch=128 width=0.5 data=0.25 noise=0.2; do
    out="$folder/$change"
    if [[ -e "$out/comparison.json" ]]; then
        continue
    elif [[ -e "$out/compare.json" ]]; then
        "$descender" compare --resume "$out"
    else
        "$descender" compare --controller "$controllers/seed-11/controller.safetensors" --task "mnist-cnn;$change" \
            --starts 32 --seed 2027 --against "$rivals,replay" --out "$out"
    fi
done
