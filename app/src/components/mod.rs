//! What pages are built from. Each part is a function from data to a view; none knows where the data came from.

mod age;
mod changes;
mod digest;
mod filters;
mod finding;
mod icon;
mod link;
mod outside;
mod pager;
mod preview;
mod rollout;
mod said;
mod source;
mod status;
mod tag;
mod transition;

pub use age::{age, age_at_least, moment};
pub use changes::changes;
pub use digest::{copy_button, digest, short_digest};
pub use filters::{drop_links, facet_menu, hidden_fields, no_match, search_field, select};
pub use finding::{finding_article, finding_row, finding_where, rule_link, rule_title, summary, way_out};
pub use icon::{icon, sprite};
pub use link::{external, external_text};
pub use outside::{attribute, is_hidden, name, outside};
pub use pager::pager;
pub use preview::{preview_state, preview_word, pull_link, round_end, step_name, step_state, turn_word};
pub use rollout::{deploys, is_bad, line_change, line_id, line_status, lines, newest};
pub use said::{mapped_by, said, said_plainly};
pub use source::{as_of, confirmed, heard, source_link, source_state};
pub use status::{environment_name, environment_short, severity, state, state_word, status};
pub use tag::{image_tag, running_tag, tag, tag_digest};
pub use transition::{change, kind_status, kind_word, no_history, where_of};
