#!/usr/bin/env bash
# What the parts of `pretrained` are worth: controllers that lack a part, learned alike with an eighth of the descents.
#
#   cargo build --release && scripts/ablations.sh [FOLDER]
#
# About twenty minutes on two cores. What is complete is not made again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=${1:-runs/ablations}
descender=${DESCENDER:-target/release/descender}
budget=(--set rounds=12 --set instances=400 --set judged=200)
job='"steps","batch","examples","parameters","input_scale","classes","numbers"'
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
learn blind --set 'readings=[]'
learn without-weight-decay --set 'steered=["momentum","second-moment"]'
learn without-products --set products=false
learn without-layers-and-fan-in --set "readings=[$job]"
learn with-a-probe --set "readings=[$job,$network,$probe]"
learn with-a-probe-alone --set "readings=[$probe]"
# Generations of 20 policies on 40 jobs: as many descents. Products would be too many weights for it.
learn by-evolution --set learner=evolution --set products=false --set rounds=42 --set instances=40

others=''
for name in another-seed blind without-weight-decay without-products without-layers-and-fan-in with-a-probe with-a-probe-alone \
    by-evolution; do
    others+="${others:+,}controller:$folder/$name/controller.safetensors"
done
for set in jobs:300 data-sets:200 architectures:150 overfitting:150 horizons:100; do
    out="$folder/${set%:*}"
    if [[ ! -e "$out/comparison.json" ]]; then
        "$descender" compare --controller "$folder/whole/controller.safetensors" --task "${set%:*}" --starts "${set#*:}" \
            --seed 2028 --against "$others" --out "$out" >"$folder/${set%:*}.txt"
    fi
done
