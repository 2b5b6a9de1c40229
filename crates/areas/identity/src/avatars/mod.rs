//! Avatars: a small picture of a person, or their initials. What is uploaded is decoded, cut to a
//! square and written anew, so that nothing of the file itself (a place where it was taken, a script
//! behind the picture) is ever served.

mod error;
pub(crate) mod pages;
mod picture;
mod store;

pub(crate) use error::AvatarError;
pub(crate) use pages::of_person;
