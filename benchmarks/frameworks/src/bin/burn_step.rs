//! The paper's training step in Burn, on its processor backend (flex).

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Int, Tensor, TensorData, activation::relu};
use descender_benchmarks::{BATCH, LEARNING_RATE, images, labels, measure};

#[derive(Module, Debug)]
struct Network {
    first: Conv2d,
    second: Conv2d,
    pool: MaxPool2d,
    last: Linear,
}

impl Network {
    fn new(device: &Device) -> Self {
        let convolution = |inputs, outputs| {
            Conv2dConfig::new([inputs, outputs], [5, 5])
                .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2))
                .init(device)
        };
        Self {
            first: convolution(1, 16),
            second: convolution(16, 32),
            pool: MaxPool2dConfig::new([2, 2]).init(),
            last: LinearConfig::new(1568, 10).init(device),
        }
    }

    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let images = self.pool.forward(relu(self.first.forward(images)));
        let images = self.pool.forward(relu(self.second.forward(images)));
        self.last.forward(images.flatten(1, 3))
    }
}

fn main() {
    let device = Device::flex().autodiff();
    let images: Tensor<4> =
        Tensor::from_data(TensorData::new(images(), [BATCH, 1, 28, 28]), &device);
    let labels: Vec<i32> = labels().into_iter().map(|label| label as i32).collect();
    let labels: Tensor<1, Int> = Tensor::from_data(TensorData::new(labels, [BATCH]), &device);
    let loss_of = CrossEntropyLossConfig::new().init(&device);
    let mut optimizer = SgdConfig::new().init();
    let mut network = Some(Network::new(&device));
    measure(|| {
        let present = network.take().expect("put back by the step before");
        let loss = loss_of.forward(present.forward(images.clone()), labels.clone());
        let value = loss.clone().into_scalar::<f32>();
        let gradients = GradientsParams::from_grads(loss.backward(), &present);
        network = Some(optimizer.step(LEARNING_RATE, present, gradients));
        value
    });
}
