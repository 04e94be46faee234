//! Time of one step of each method at the size of the paper's network (28,938 parameters).

use criterion::{Criterion, criterion_group, criterion_main};
use descender_optim::{Method, Optimizer};

fn step(criterion: &mut Criterion) {
    const COUNT: usize = 28_938;
    let gradient: Vec<f32> = (0..COUNT).map(|i| 1e-3 * (i as f32 * 0.37).sin()).collect();
    let mut group = criterion.benchmark_group("step");
    for info in Method::names() {
        let mut optimizer = Optimizer::new(info.method, COUNT).expect("defaults are valid");
        let mu = info.method.hyper_parameters(1e-6);
        let mut parameters: Vec<f32> = (0..COUNT).map(|i| (i as f32 * 0.11).cos()).collect();
        group.bench_function(info.name, |bencher| {
            bencher.iter(|| optimizer.step(&mu, &mut parameters, &gradient));
        });
    }
    group.finish();
}

criterion_group!(benches, step);
criterion_main!(benches);
