//! What a list can be narrowed by.

use landfall_model::Text;

use crate::web::api::schema::api_type;

api_type! {
    /// A key that narrows a list, with its values.
    Facet {
        /// The key, as it stands in the query string.
        key: &'static str,
        /// Its values.
        values: Vec<FacetValue>,
    }
}

api_type! {
    /// One value of a filter, with how many items choosing it would give.
    FacetValue {
        /// The value, as it stands in the query string.
        value: Text,
        /// Items that choosing it alone for its key would give.
        count: usize,
        /// It is chosen.
        selected: bool,
    }
}
