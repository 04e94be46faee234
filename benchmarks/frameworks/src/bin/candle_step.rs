//! The paper's training step in candle.
//!
//! The gradient of candle 0.11.1's max-pool is a quarter of the right one for 2 × 2 windows; its time is as good a
//! measure as that of a right one.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{
    Conv2d, Conv2dConfig, Linear, Module, Optimizer, SGD, VarBuilder, VarMap, conv2d, linear, loss,
};
use descender_benchmarks::{BATCH, LEARNING_RATE, images, labels, measure};

struct Network {
    first: Conv2d,
    second: Conv2d,
    last: Linear,
}

impl Network {
    fn new(variables: &VarBuilder<'_>) -> Result<Self> {
        let configuration = Conv2dConfig {
            padding: 2,
            ..Conv2dConfig::default()
        };
        Ok(Self {
            first: conv2d(1, 16, 5, configuration, variables.pp("first"))?,
            second: conv2d(16, 32, 5, configuration, variables.pp("second"))?,
            last: linear(1568, 10, variables.pp("last"))?,
        })
    }

    fn forward(&self, images: &Tensor) -> Result<Tensor> {
        let images = self.first.forward(images)?.relu()?.max_pool2d(2)?;
        let images = self.second.forward(&images)?.relu()?.max_pool2d(2)?;
        self.last.forward(&images.flatten_from(1)?)
    }
}

fn main() -> Result<()> {
    let device = Device::Cpu;
    let map = VarMap::new();
    let network = Network::new(&VarBuilder::from_varmap(&map, DType::F32, &device))?;
    let images = Tensor::from_vec(images(), (BATCH, 1, 28, 28), &device)?;
    let labels = Tensor::from_vec(labels(), BATCH, &device)?;
    let mut optimizer = SGD::new(map.all_vars(), LEARNING_RATE)?;
    measure(|| {
        let mut step = || -> Result<f32> {
            let loss = loss::cross_entropy(&network.forward(&images)?, &labels)?;
            optimizer.backward_step(&loss)?;
            loss.to_scalar()
        };
        step().expect("the shapes fit together")
    });
    Ok(())
}
