#!/usr/bin/env bash
# Makes what results/learning holds, from the controller of results/best-1.
#
#   cargo build --release && scripts/learning-results.sh [FOLDER]
#
# Every comparison goes to a folder of its own under FOLDER (runs/learning); one that is complete is not made again, and
# one that was interrupted goes on. About an hour on two cores. What is committed of each is comparison.json and
# manifest.json.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${1:-runs/learning}
controller=results/best-1/controller.safetensors
schedule=results/learning/schedule.json
descender=${DESCENDER:-target/release/descender}

compare() { # NAME ARGUMENTS...
    local out="$folder/$1"
    shift
    if [[ -e "$out/comparison.json" ]]; then
        return
    elif [[ -e "$out/compare.json" ]]; then
        "$descender" compare --resume "$out"
    else
        "$descender" compare --out "$out" --steps 500 "$@"
    fi
}

mkdir -p "$folder"
[[ -e $schedule ]] || "$descender" export schedule "$controller" --starts 0 --out "$schedule"

# The paper's task: 100 starts that nothing was trained, chosen or tuned on.
rivals='sgd:0.1,adam:0.001,tuned:sgd,tuned:momentum,tuned:adam,linear:0.25,linear:0.05;optimizer=momentum'
rivals+=',linear:0.006;optimizer=adam,linear-cut:0.005;optimizer=adamw,prodigy,schedule-free-sgd'
compare random --controller "$controller" --starts 100 --seed 2026 --against "$rivals,controls"

# Start η from 0.001 to 0.5, evenly spaced on a logarithmic scale: 1,000 descents from 1,000 starts; and SGD that keeps
# the η it was given.
seed=2100
constants=()
for rate in 0.001 0.002 0.004 0.008 0.016 0.032 0.063 0.125 0.25 0.5; do
    seed=$((seed + 1))
    constants+=("sgd:$rate")
    compare "start-$rate" --controller "$controller" --initial-learning-rate $rate --starts 100 --seed $seed \
        --against none
done
compare start-constants --starts 24 --seed 2100 --against "$(IFS=,; echo "${constants[*]}")"

# Where it was not trained.
for change in noise=0.2 data=0.25 width=0.5 batch=16 batch=128; do
    compare "shift-$change" --controller "$controller" --task "mnist-cnn;$change" --starts 100 --seed 2027 \
        --against "schedule:$schedule,sgd:0.25,momentum:0.05,adam:0.004"
done
