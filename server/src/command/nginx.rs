//! Reading an nginx configuration for a command, with its mistakes as this program shows them.

use std::{io::Read as _, path::Path, sync::Arc};

use landfall_nginx::{config::Config, error::ConfigErrors};

use crate::{
    args::NginxConfig,
    config::{Place, Problem, Problems},
};

/// The configuration that the arguments name.
pub fn read(arguments: &NginxConfig) -> anyhow::Result<Config> {
    let prefix = arguments.prefix.as_deref();
    let config = if arguments.config == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(|error| {
            Problems::from(Problem::new(format!("standard input cannot be read: {error}")))
        })?;
        Config::read_bytes(&bytes, "-", prefix)
    } else {
        Config::read(&arguments.config, prefix)
    };
    Ok(config.map_err(problems)?)
}

/// The mistakes as this program shows them.
pub fn problems(errors: ConfigErrors) -> Problems {
    let problem = |error: landfall_nginx::error::ConfigError| {
        let path: Arc<Path> = Arc::from(Path::new(&error.file));
        let place = if error.line == 0 {
            Place::Whole { path }
        } else {
            Place::File { path, line: error.line as usize, column: error.column as usize }
        };
        let problem = Problem::at(place, error.message);
        match error.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    };
    Problems(errors.0.into_iter().map(problem).collect())
}
