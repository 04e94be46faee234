#!/usr/bin/env bash
# What the parts of `pretrained` are worth: controllers that lack a part, learned alike with a quarter of the descents.
#
#   cargo build --release && scripts/ablations.sh [FOLDER]
#
# About three quarters of an hour on two cores. What is complete is not made again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${1:-runs/ablations}
descender=${DESCENDER:-target/release/descender}
budget=(--set rounds=16 --set instances=550 --set judged=200)
all='"steps","batch","examples","parameters","input_scale","classes","numbers"'
network='"layers","fan_in"'
probe='"probe_gap","probe_trend","probe_rise","probe_fall"'

learn() { # NAME SETTING...
    local name=$1
    shift
    if [[ ! -e "$folder/$name/controller.safetensors" ]]; then
        "$descender" train --task jobs "${budget[@]}" "$@" --out "$folder/$name" >"$folder/$name.txt"
    fi
}

mkdir -p "$folder"
learn whole
learn another-seed --seed 2
learn without-the-probe --set "readings=[$all,$network]"
learn without-the-job --set "readings=[$probe]"
learn without-either --set 'readings=[]'
learn without-layers-and-fan-in --set "readings=[$all,$probe]"
learn without-products --set products=false
learn without-weight-decay --set 'steered=["momentum","second-moment"]'
learn with-the-training-loss --set "readings=[$all,$network,$probe,\"loss_fall\",\"loss_trend\"]"
# 73 generations of 21 policies on 40 jobs: as many descents. Products would be too many weights for it.
learn by-evolution --set learner=evolution --set products=false --set rounds=73 --set instances=40

others=''
for name in another-seed without-the-probe without-the-job without-either without-layers-and-fan-in without-products \
    without-weight-decay with-the-training-loss by-evolution; do
    others+="${others:+,}controller:$folder/$name/controller.safetensors"
done
for set in jobs:300 data-sets:300 architectures:200 overfitting:200 horizons:150; do
    out="$folder/${set%:*}"
    if [[ ! -e "$out/comparison.json" ]]; then
        "$descender" compare --controller "$folder/whole/controller.safetensors" --task "${set%:*}" --starts "${set#*:}" \
            --seed 2027 --against "$others" --out "$out" >"$folder/${set%:*}.txt"
    fi
done
