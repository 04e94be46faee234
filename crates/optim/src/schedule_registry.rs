//! The macro that makes [`Schedule`](crate::Schedule) and the state of any schedule from one list of schedules.
//!
//! The list is in [`crate::schedules`]. The macro does for schedules what [`crate::registry`] does for optimizers: one
//! variant and one arm for each entry, which ask the schedule's own file through the traits of [`crate::curve`].

/// Makes `Schedule` and `AnyCurveState`. An entry is `"name in files" => Variant(module::Settings)`.
macro_rules! register_schedules {
    (
        $(#[$attribute:meta])*
        pub enum Schedule;

        without settings:
        $( $(#[$plain_attribute:meta])* $plain_name:literal => $plain_module:ident::$Plain:ident, )*

        with settings:
        $(
            $(#[$attribute_of:meta])*
            $name:literal => $Variant:ident($module:ident::$Settings:ident),
        )*
    ) => {
        $( pub use $module::$Settings; )*

        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(tag = "name", deny_unknown_fields)]
        #[non_exhaustive]
        pub enum Schedule {
            $(
                $(#[$plain_attribute])*
                #[serde(rename = $plain_name, deserialize_with = "crate::setting::none")]
                $Plain,
            )*
            $(
                $(#[$attribute_of])*
                #[serde(rename = $name)]
                $Variant($Settings),
            )*
        }

        impl Schedule {
            /// Every schedule with its default settings, in the order of the list.
            pub(crate) fn defaults() -> Vec<Schedule> {
                vec![
                    $( Schedule::$Plain, )*
                    $( Schedule::$Variant($Settings::default()), )*
                ]
            }

            /// The name, as in settings and on the command line.
            pub fn name(&self) -> &'static str {
                match self {
                    $( Schedule::$Plain => $plain_name, )*
                    $( Schedule::$Variant(_) => $name, )*
                }
            }

            /// One line on what the schedule does.
            pub fn description(&self) -> &'static str {
                match self {
                    $( Schedule::$Plain => $plain_module::$Plain::DESCRIPTION, )*
                    $( Schedule::$Variant(_) => $Settings::DESCRIPTION, )*
                }
            }

            /// Whether η depends on losses, and not on the time alone.
            pub fn watches_losses(&self) -> bool {
                match self {
                    $( Schedule::$Plain => $plain_module::$Plain::WATCHES_LOSSES, )*
                    $( Schedule::$Variant(_) => $Settings::WATCHES_LOSSES, )*
                }
            }

            /// Every setting with what it allows.
            pub(crate) fn table(&mut self) -> Vec<$crate::setting::Setting<'_>> {
                match self {
                    $( Schedule::$Plain => Vec::new(), )*
                    $( Schedule::$Variant(settings) => settings.settings(), )*
                }
            }

            /// The state before the first of `total` steps.
            pub(crate) fn state(&self, total: u64) -> AnyCurveState {
                match self {
                    $( Schedule::$Plain => {
                        AnyCurveState::$Plain($plain_module::$Plain.start(total))
                    } )*
                    $( Schedule::$Variant(settings) => {
                        AnyCurveState::$Variant(settings.start(total))
                    } )*
                }
            }
        }

        /// The state of whichever schedule a descent runs under.
        #[derive(Clone, Debug, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        pub(crate) enum AnyCurveState {
            $( $Plain(<$plain_module::$Plain as Curve>::State), )*
            $( $Variant(<$Settings as Curve>::State), )*
        }

        impl AnyCurveState {
            pub(crate) fn get(&self) -> &dyn CurveState {
                match self {
                    $( AnyCurveState::$Plain(state) => state, )*
                    $( AnyCurveState::$Variant(state) => state, )*
                }
            }

            pub(crate) fn get_mut(&mut self) -> &mut dyn CurveState {
                match self {
                    $( AnyCurveState::$Plain(state) => state, )*
                    $( AnyCurveState::$Variant(state) => state, )*
                }
            }
        }
    };
}

pub(crate) use register_schedules;
