//! After the first step a descent allocates nothing: an allocator that counts says so.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use descender_optim::Method;
use descender_task::{Descent, NetworkDescent, Split, StartPoint, Task};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged; counting touches no memory that it manages.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc` above with the same layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn steps_epochs_evaluations_and_probes_allocate_nothing() {
    let task = Arc::new(Task::small());
    for method in Method::names().into_iter().map(|known| known.method) {
        let mu = method.hyper_parameters(0.01);
        let mut descent = NetworkDescent::new(Arc::clone(&task), method).unwrap();
        let mut probes = Vec::with_capacity(256);
        descent.step(&[mu]);
        let before = ALLOCATIONS.get();
        for _ in 0..100 {
            descent.step(&[mu]);
        }
        descent.evaluate(Split::Validation);
        assert!(descent.probe(Split::Training, 256, &mut probes));
        descent.reset(StartPoint::default());
        descent.step(&[mu]);
        assert_eq!(
            ALLOCATIONS.get(),
            before,
            "allocations in the descent under {mu:?}"
        );
        assert!(ALLOCATIONS.get() > 0, "the allocator counts");
    }
}
