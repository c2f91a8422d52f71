//! One list of keys for each table: the struct, its reader, its known keys and its schema follow from it.

/// Declares a table. `key: Type = default` states a default for editors and for docs/config.md; `match` is `r#match`.
macro_rules! keyed_table {
    ($(#[doc = $about:literal])* pub struct $name:ident is $table:ident {
        $($(#[doc = $doc:literal])* $key:ident: $type:ty $(= $default:expr)?,)*
    }) => {
        $(#[doc = $about])*
        #[derive(Debug, Default)]
        pub struct $name {
            $($(#[doc = $doc])* pub $key: Option<$crate::config::place::At<$type>>,)*
            /// The keys that stand in the table, also those whose value was no good.
            pub written: Vec<String>,
        }

        impl $crate::config::reader::KeyedTable for $name {
            const TABLE: $crate::config::later::Table = $crate::config::later::Table::$table;

            fn keys() -> Vec<&'static str> {
                vec![$(stringify!($key).trim_start_matches("r#")),*]
            }

            fn written(&mut self) -> &mut Vec<String> {
                &mut self.written
            }

            fn set(&mut self, key: &str, found: &$crate::config::reader::Found<'_>, report: &mut $crate::config::finding::Report) {
                match key {
                    $(key if key == stringify!($key).trim_start_matches("r#") => self.$key = found.at(report),)*
                    _ => {}
                }
            }
        }

        impl $crate::config::reader::Read for $name {
            fn read(found: &$crate::config::reader::Found<'_>, report: &mut $crate::config::finding::Report) -> Option<$name> {
                $crate::config::reader::read_table(found, report)
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
                    let schema = $crate::config::schema::describe(schema, concat!($($doc),*), default);
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
