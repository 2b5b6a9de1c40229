use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// A CSV that browsers save under a name.
#[derive(Clone, Debug)]
pub struct CsvFile {
    /// The name of the file, of letters, digits, hyphens and points.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl IntoResponse for CsvFile {
    fn into_response(self) -> Response {
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ];
        (headers, self.bytes).into_response()
    }
}
