//! What the API tells of images.

use jiff::Timestamp;
use landfall_model::Text;

use crate::web::api::{schema::api_type, types::TagDigest};

api_type! {
    /// A repository of images: who uses it, and what of it runs where.
    ImageRepository {
        /// Registry and path, as images name it.
        repository: Text,
        /// Services that use it.
        services: Vec<Text>,
        /// Pods that run it.
        pods: u32,
        /// What runs of it, most pods first.
        running: Vec<RunningAnywhere>,
        /// Each environment that uses it.
        uses: Vec<RepositoryUse>,
        /// The tag that was seen last at the registry; null: none was.
        newest: Option<NewestTag>,
        /// When what runs changed last, anywhere.
        since: Option<Timestamp>,
        /// Which tag pointed at which digest, the newest 1,000; null in the list, and where nobody looks at the registry.
        sightings: Option<Vec<TagSighting>>,
        /// What Image Updater would pick, a policy each; null in the list.
        would_pick: Option<Vec<WouldPick>>,
        /// Two of its images beside each other; null without `from` and `to`.
        compared: Option<ComparedImages>,
    }
}

api_type! {
    /// A policy in force, and what it picks.
    WouldPick {
        /// Ids of the environments that it holds for.
        environments: Vec<Text>,
        /// `semver`, `newest-build`, `alphabetical` or `digest`.
        strategy: Text,
        /// Version constraint, or the tag that is followed; empty: none.
        constraint: Text,
        /// As it is set; empty: every tag.
        allow_tags: Text,
        /// Patterns of tags that are left out.
        ignore_tags: Vec<Text>,
        /// The object that manages the image; null: annotations alone.
        managed_by: Option<Text>,
        /// The pick; null where nothing passes, or the tags are not known.
        pick: Option<TagDigest>,
        /// Tags that pass, ascending: the last is the pick.
        order: Vec<Text>,
        /// Tags that are left out, at most 200.
        dropped: Vec<DroppedTag>,
        /// How many tags were looked at.
        looked_at: u32,
        /// How many there are.
        tags: u32,
        /// What each strategy would pick of the same tags.
        policies: Vec<OtherPolicy>,
    }
}

api_type! {
    /// A tag that a rule leaves out.
    DroppedTag {
        /// The tag.
        tag: Text,
        /// `allow-tags`, `ignore-tags`, `digest`, `platform`, `created`, `semver`, `constraint` or `prerelease`.
        rule: Text,
        /// In words.
        why: Text,
    }
}

api_type! {
    /// What a strategy would pick.
    OtherPolicy {
        /// `semver`, `newest-build`, `alphabetical` or `digest`.
        strategy: Text,
        /// The tag that is followed, with `digest`.
        follows: Option<Text>,
        /// Whether it is the one in force.
        in_force: bool,
        /// The pick; null: nothing.
        pick: Option<TagDigest>,
        /// Whether that was pushed last; null: not known.
        expected: Option<bool>,
        /// Whether it is another image than that of the policy in force.
        changes: bool,
        /// Tags of its order whose time of push is known.
        compared: Option<u32>,
        /// How many of those stand behind one that was pushed later.
        misplaced: Option<u32>,
    }
}

api_type! {
    /// Two images beside each other.
    ComparedImages {
        /// The one.
        from: Option<OneImage>,
        /// The other.
        to: Option<OneImage>,
        /// Whether their configurations are the same; null where that is not known.
        built_alike: Option<bool>,
    }
}

api_type! {
    /// One image in full.
    OneImage {
        /// Of the index, where it is one.
        digest: Text,
        /// Under which it was seen, the newest first, at most 20.
        tags: Vec<Text>,
        /// Its platforms; none where nothing of it was read.
        platforms: Vec<ImagePlatform>,
    }
}

api_type! {
    /// One platform of an image.
    ImagePlatform {
        /// Of its manifest.
        digest: Text,
        /// `os/arch` or `os/arch/variant`.
        platform: Option<Text>,
        /// Digest of its configuration.
        config: Option<Text>,
        /// As its configuration has it.
        created: Option<Text>,
        /// Bytes, as they travel.
        bytes: Option<u64>,
        /// Its layers from the bottom up; `null`: not read.
        layers: Option<Vec<ImageLayer>>,
        /// Labels that begin with `org.opencontainers.image.` or `org.label-schema.`.
        labels: Vec<ImageLabel>,
    }
}

api_type! {
    /// A layer of an image.
    ImageLayer {
        /// The first sixteen digits of its digest.
        digest: Text,
        /// Bytes, as it travels.
        bytes: u64,
    }
}

api_type! {
    /// A label of an image.
    ImageLabel {
        /// Its name.
        name: Text,
        /// Its value.
        value: Text,
    }
}

api_type! {
    /// A tag pointed at a digest, from when to when.
    TagSighting {
        /// The tag.
        tag: Text,
        /// `sha256:…`.
        digest: Text,
        /// When the image was built, by its own word.
        created: Option<Timestamp>,
        /// When it was first seen so.
        first_seen: Timestamp,
        /// When it was last seen so.
        last_seen: Timestamp,
        /// When it was seen not to be so any more.
        ended_at: Option<Timestamp>,
        /// `poll`, `webhook` or `vendor`.
        seen_by: Text,
        /// When the tag was pushed, by the registry's own word, which is not checked.
        pushed_at: Option<Timestamp>,
    }
}

api_type! {
    /// A tag with its digest that runs somewhere.
    RunningAnywhere {
        /// Tag of the pods' own spec.
        tag: Option<Text>,
        /// Digest that the runtime reports.
        digest: Option<Text>,
        /// How many pods.
        pods: u32,
        /// How many of them are ready.
        ready: u32,
        /// Where.
        environments: Vec<RunningThere>,
    }
}

api_type! {
    /// An environment that runs it.
    RunningThere {
        /// Service.
        service: Text,
        /// `production`, `staging`, a preview's name.
        environment: Text,
        /// Stable id of the environment.
        id: Text,
        /// How many pods.
        pods: u32,
    }
}

api_type! {
    /// One environment's use of a repository.
    RepositoryUse {
        /// Service.
        service: Text,
        /// `production`, `staging`, a preview's name.
        environment: Text,
        /// Stable id of the environment.
        id: Text,
        /// Whether the environment is a preview.
        preview: bool,
        /// Whether it is the environment's primary image.
        primary: bool,
        /// Containers that use it.
        containers: Vec<Text>,
        /// What the desired state asks for.
        meant: Vec<TagDigest>,
        /// Whether something runs that is not meant.
        differs: bool,
        /// `trapped`, `blocked`, `unwatched`, `differs`, `unknown`, `on-its-way`, `as-meant` or `idle`.
        state: Text,
        /// Why, in words; null where it is as meant, or nothing manages it.
        why: Option<Text>,
        /// Strategy of what keeps it up to date; null: nothing does.
        strategy: Option<Text>,
        /// The build that should run; null: not known.
        expected: Option<TagDigest>,
        /// When that was pushed.
        expected_at: Option<Timestamp>,
        /// What Image Updater would pick.
        would_pick: Option<TagDigest>,
        /// When the present running set began.
        since: Option<Timestamp>,
        /// False: at least since then.
        since_exact: bool,
    }
}

api_type! {
    /// The tag of a repository that was seen last.
    NewestTag {
        /// The tag.
        tag: Text,
        /// Where it points.
        digest: Text,
        /// When it was pushed; null: it was there before the first look.
        at: Option<Timestamp>,
    }
}
