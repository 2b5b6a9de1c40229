//! Settings, the data directory and the secrets in it.
//!
//! Every setting is a flag and an environment variable of the same name with the prefix `BURSAR_`;
//! nothing else in the workspace reads the environment. The data directory holds what Bursar keeps
//! on disk: the generated secrets and, without a configured database, the private PostgreSQL
//! cluster.

mod data_dir;
mod openid;
mod settings;

pub use data_dir::{DataDir, DataDirError, Profile, Secret};
pub use openid::{Allowed, OpenId, OpenIdError};
pub use settings::{LogFormat, ProxyHeader, PublicListen, Settings};
