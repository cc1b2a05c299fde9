//! Image references: how they are written, and what two of them have in common.

mod commit;
mod id;
mod overrides;
mod reference;
mod sighting;

pub use commit::commit_in_tag;
pub use id::{ImageId, image_id};
pub use overrides::{ImageOverride, helm_image, names_an_image};
pub use reference::{ImageRef, ImageRefError, is_digest, is_tag, short_digest};
pub use sighting::{ImageFacts, PlatformFacts, SeenBy, Sighting};
