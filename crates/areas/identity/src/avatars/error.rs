use web::Problem;

/// What can go wrong with pictures.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AvatarError {
    /// Nothing was sent.
    #[error("Choose a picture.")]
    Missing,
    /// More bytes than are read.
    #[error("The picture has {bytes} bytes; at most {most} are taken.")]
    TooLarge {
        /// What was sent.
        bytes: usize,
        /// What is taken.
        most: usize,
    },
    /// The first bytes are of no known kind.
    #[error("The file is no PNG, JPEG or WebP picture.")]
    UnknownKind,
    /// It begins like a picture, but is damaged or too wide or high.
    #[error("The picture cannot be read, or is wider or higher than {most} pixels.")]
    Unreadable {
        /// Pixels allowed in each direction.
        most: u32,
    },
    /// The thread ended before the work.
    #[error("the picture was not finished")]
    Interrupted,
    /// The database did not do it.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl From<AvatarError> for Problem {
    fn from(error: AvatarError) -> Self {
        match error {
            AvatarError::Database(error) => error.into(),
            AvatarError::Interrupted => Self::internal(&error),
            AvatarError::Missing
            | AvatarError::TooLarge { .. }
            | AvatarError::UnknownKind
            | AvatarError::Unreadable { .. } => {
                Self::invalid_field("picture", "invalid_picture", error.to_string())
            }
        }
    }
}
