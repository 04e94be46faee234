//! The macro that makes [`Method`](crate::Method) and the state of any optimizer from one list of optimizers.
//!
//! The list is in [`crate::optimizers`]. For each entry the macro makes a variant of `Method` and of `AnyState`, and one
//! arm in each function that asks the optimizer's own file, through the traits of [`crate::algorithm`]. A step is one
//! match or virtual call for all parameters together.

/// Makes `Method` and `AnyState`. An entry is `"name in files" => module::Settings`.
macro_rules! register {
    (
        $(#[$attribute:meta])*
        pub enum Method;

        without settings:
        $( $(#[$plain_attribute:meta])* $plain_name:literal => $plain_module:ident::$Plain:ident, )*

        with settings:
        $( $(#[$attribute_of:meta])* $name:literal => $module:ident::$Settings:ident, )*
    ) => {
        $( pub use $module::$Settings; )*

        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(tag = "name", deny_unknown_fields)]
        #[non_exhaustive]
        pub enum Method {
            $(
                $(#[$plain_attribute])*
                #[serde(rename = $plain_name, deserialize_with = "crate::setting::none")]
                $Plain,
            )*
            $(
                $(#[$attribute_of])*
                #[serde(rename = $name)]
                $Settings($Settings),
            )*
        }

        impl Method {
            /// Every method with its default settings, in the order of the list.
            pub(crate) fn defaults() -> Vec<Method> {
                vec![
                    $( Method::$Plain, )*
                    $( Method::$Settings($Settings::default()), )*
                ]
            }

            /// The name, as in settings and on the command line.
            pub fn name(&self) -> &'static str {
                match self {
                    $( Method::$Plain => $plain_name, )*
                    $( Method::$Settings(_) => $name, )*
                }
            }

            /// One line on what the method does.
            pub fn description(&self) -> &'static str {
                match self {
                    $( Method::$Plain => $plain_module::$Plain::DESCRIPTION, )*
                    $( Method::$Settings(_) => $Settings::DESCRIPTION, )*
                }
            }

            /// The η that people usually start from.
            pub fn usual_learning_rate(&self) -> f32 {
                match self {
                    $( Method::$Plain => $plain_module::$Plain::USUAL_LEARNING_RATE, )*
                    $( Method::$Settings(_) => $Settings::USUAL_LEARNING_RATE, )*
                }
            }

            /// Every setting with what it allows.
            pub(crate) fn table(&mut self) -> Vec<$crate::setting::Setting<'_>> {
                match self {
                    $( Method::$Plain => Vec::new(), )*
                    $( Method::$Settings(settings) => settings.settings(), )*
                }
            }

            /// How the moments P and Q follow the gradient, in this order.
            pub(crate) fn moments(&self) -> [$crate::coefficients::Coefficients; 2] {
                match self {
                    $( Method::$Plain => {
                        let plain = $plain_module::$Plain;
                        [plain.second_moment(), plain.first_moment()]
                    } )*
                    $( Method::$Settings(settings) => {
                        [settings.second_moment(), settings.first_moment()]
                    } )*
                }
            }

            /// The state before the first step.
            pub(crate) fn start(&self) -> AnyState {
                match self {
                    $( Method::$Plain => AnyState::$Plain($plain_module::$Plain.start()), )*
                    $( Method::$Settings(settings) => AnyState::$Settings(settings.start()), )*
                }
            }
        }

        /// The state of whichever optimizer a descent runs under.
        #[derive(Clone, Debug, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        pub(crate) enum AnyState {
            $( $Plain(<$plain_module::$Plain as Algorithm>::State), )*
            $( $Settings(<$Settings as Algorithm>::State), )*
        }

        impl AnyState {
            pub(crate) fn get(&self) -> &dyn State {
                match self {
                    $( AnyState::$Plain(state) => state, )*
                    $( AnyState::$Settings(state) => state, )*
                }
            }

            pub(crate) fn get_mut(&mut self) -> &mut dyn State {
                match self {
                    $( AnyState::$Plain(state) => state, )*
                    $( AnyState::$Settings(state) => state, )*
                }
            }
        }
    };
}

pub(crate) use register;
