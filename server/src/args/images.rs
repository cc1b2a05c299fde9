//! Arguments of the commands about images.

use clap::{Args as Group, Subcommand};

/// Says which tag Argo CD Image Updater would choose, and why not another.
#[derive(Debug, Group)]
#[command(
    after_help = "Examples:\n  landfall images pick --strategy semver --constraint '~1.4' --tags tags.json\n  \
    landfall images pick --strategy newest-build --platform linux/arm64 --tags - --json < tags.json"
)]
pub struct Images {
    #[command(subcommand)]
    pub action: ImagesAction,
}

/// What is asked about images.
#[derive(Debug, Subcommand)]
pub enum ImagesAction {
    Pick(Pick),
}

/// Which of these tags Image Updater v1.3 would choose, in which order it sees them, and what it leaves out.
#[derive(Debug, Group)]
#[command(
    after_help = "tags.json: [{\"tag\":\"1.2.3\",\"digest\":\"sha256:…\",\"created\":\"2026-11-20T10:00:00Z\",\
    \"platforms\":[\"linux/amd64\"]}, …]; only \"tag\" is required.\n\
    Exit status: 0 answered, also where no tag is picked; 2 what Image Updater refuses, or what cannot be read.\n\n\
    Examples:\n  landfall images pick --strategy semver --constraint '>=1.4, <2' --tags tags.json\n  \
    landfall images pick --strategy alphabetical --allow-tags 'regexp:^[0-9]{8}-[0-9]{6}$' --tags - --json"
)]
pub struct Pick {
    /// semver, newest-build, alphabetical or digest; old names (latest, name) and any case are taken, and any other
    /// name is semver with a warning, as the program does.
    #[arg(long, value_name = "NAME", default_value = "semver")]
    pub strategy: String,
    /// With semver the versions that are let in; with digest the tag that is followed.
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub constraint: String,
    /// `regexp:` and a pattern that is found anywhere in the tag, or `any`; other texts let no tag pass.
    #[arg(long, value_name = "EXPR", default_value = "", hide_default_value = true)]
    pub allow_tags: String,
    /// Shell patterns of tags to leave out, separated by commas; may be repeated.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub ignore_tags: Vec<String>,
    /// Platform that has to be there, `os/arch` or `os/arch/variant`; newest-build looks at it. May be repeated;
    /// without it every platform will do.
    #[arg(long = "platform", value_name = "OS/ARCH")]
    pub platforms: Vec<String>,
    /// The tags, as JSON; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub tags: String,
    /// Print one JSON document.
    #[arg(long)]
    pub json: bool,
}
