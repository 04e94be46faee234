//! The layers of a checked network with their places: index, input shape, output shape.

use crate::layer::Layer;
use crate::shape::Shape;

/// A layer at its place in a network that has been checked.
pub(crate) struct PlacedLayer<'a> {
    pub(crate) layer: &'a Layer,
    /// Index among all layers; the layers inside a residual come after it.
    pub(crate) index: usize,
    pub(crate) input: Shape,
    pub(crate) output: Shape,
}

/// The layers of one checked list, with their places.
pub(crate) struct PlacedLayers<'a> {
    layers: std::slice::Iter<'a, Layer>,
    index: usize,
    shape: Shape,
}

impl<'a> PlacedLayers<'a> {
    /// The list whose first layer has index `first` and input `input`.
    pub(crate) fn new(layers: &'a [Layer], input: Shape, first: usize) -> Self {
        Self {
            layers: layers.iter(),
            index: first,
            shape: input,
        }
    }
}

impl<'a> Iterator for PlacedLayers<'a> {
    type Item = PlacedLayer<'a>;

    fn next(&mut self) -> Option<PlacedLayer<'a>> {
        let layer = self.layers.next()?;
        let input = self.shape;
        self.shape = layer
            .output(self.index + 1, input)
            .expect("the layers have been checked");
        let placed = PlacedLayer {
            layer,
            index: self.index,
            input,
            output: self.shape,
        };
        self.index += layer.count();
        Some(placed)
    }
}
