//! The macro that declares a table by one list of keys: the struct, its reader, its known keys and its schema follow from it.

/// Declares a table. `key: Type = default` states a default for editors and for docs/config.md; `match` is `r#match`.
/// A table `with numbers` has, beside its own keys, those of the parts' bounds.
macro_rules! keyed_table {
    ($(#[doc = $about:literal])* pub struct $name:ident $(with $numbers:ident)? {
        $($(#[doc = $doc:literal])* $key:ident: $type:ty $(= $default:expr)?,)*
    }) => {
        $(#[doc = $about])*
        #[derive(Debug, Default)]
        pub struct $name {
            $($(#[doc = $doc])* pub $key: Option<$crate::location::Located<$type>>,)*
            /// The keys that stand in the table, also those whose value was no good.
            pub written: Vec<String>,
            $(/// The numbers of the extensions' bounds that it says.
            pub $numbers: Vec<(&'static str, u64)>,)?
        }

        impl $crate::reader::KeyedTable for $name {
            fn keys() -> Vec<&'static str> {
                vec![$(stringify!($key).trim_start_matches("r#")),*]
            }

            fn written(&mut self) -> &mut Vec<String> {
                &mut self.written
            }

            $(fn numbers(&mut self) -> Option<&mut Vec<(&'static str, u64)>> {
                Some(&mut self.$numbers)
            })?

            fn set(&mut self, key: &str, found: &$crate::reader::Entry<'_>, report: &mut $crate::diagnostics::Report) {
                match key {
                    $(key if key == stringify!($key).trim_start_matches("r#") => self.$key = found.at(report),)*
                    _ => {}
                }
            }
        }

        impl $crate::reader::Read for $name {
            fn read(found: &$crate::reader::Entry<'_>, report: &mut $crate::diagnostics::Report) -> Option<$name> {
                $crate::reader::read_table(found, report)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).trim_end_matches("Text").into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut properties = serde_json::Map::new();
                $({
                    #[allow(unused_mut, unused_assignments, reason = "a key without a default never sets it")]
                    let mut default: Option<serde_json::Value> = None;
                    $(default = Some($default.into());)?
                    let schema = generator.subschema_for::<$type>();
                    let schema = $crate::reader::describe(schema, concat!($($doc),*), default);
                    properties.insert(stringify!($key).trim_start_matches("r#").to_owned(), schema.to_value());
                })*
                schemars::json_schema!({
                    "type": "object",
                    "description": concat!($($about),*).trim(),
                    "properties": properties,
                    "additionalProperties": false,
                })
            }
        }
    };
}
pub(crate) use keyed_table;
