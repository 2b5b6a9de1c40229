use db::UserId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::users::Email;

/// Names a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub Uuid);

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An account with the address, perhaps by invitation.
    Register { invitation_id: Option<Uuid> },
    /// A new password for the account with the address.
    Reset,
    /// The address for the own account.
    Email { user_id: UserId },
}

/// A request as it is written down.
#[derive(Clone, Debug)]
pub(crate) struct MailRequest {
    pub(crate) purpose: Purpose,
    pub(crate) email: Email,
}
