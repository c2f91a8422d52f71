//! Requests with their framing bent, one bend at a time and several at once, from a seed.

/// Small and the same everywhere (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % bound as u64) as usize
    }

    fn of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.below(choices.len())]
    }
}

/// A request as it will be written.
#[derive(Clone)]
pub struct Draft {
    line: String,
    /// Whole lines, without their ends.
    fields: Vec<Vec<u8>>,
    line_end: &'static str,
    head_end: &'static str,
    body: Vec<u8>,
}

/// Ways to write a line of the head that is not a plain one, or is and looks odd.
const FIELDS: &[&str] = &[
    "Content-Length: 0",
    "Content-Length: 3",
    "Content-Length: 5",
    "Content-Length: 43",
    "Content-Length: +5",
    "Content-Length: -1",
    "Content-Length: 0x5",
    "Content-Length: 5, 5",
    "Content-Length: 5 5",
    "Content-Length:",
    "Content-Length: 99999999999999999999",
    "Content-Length: 18446744073709551615",
    "Content-Length : 5",
    "Content-Length\t: 5",
    " Content-Length: 5",
    "Content_Length: 5",
    "CONTENT-LENGTH:5",
    "Content-Length: 05",
    "Content-Length: 5\r\n 0",
    "Content-Length: \x0b5",
    "X: y\nContent-Length: 5",
    "X: y\rContent-Length: 5",
    "Transfer-Encoding: chunked",
    "transfer-encoding:chunked",
    "Transfer-Encoding: Chunked",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunked, chunked",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: identity, chunked",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: \x0bchunked",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding\x0b: chunked",
    "Transfer_Encoding: chunked",
    "Transfer-Encoding:\r\n chunked",
    "Transfer-Encoding: chunked\r\n\t",
    "Transfer-Encoding: \"chunked\"",
    "Transfer-Encoding:",
    "Transfer-Encoding: chunked;q=1",
    "X: y\nTransfer-Encoding: chunked",
    "\0: y",
    "Host: gate",
    "Host: other",
    "Host: gate\r\n x",
    "Host : gate",
    "Host: gate/x@y",
    "hOsT:gate",
    "X-Forwarded-Host: other",
    "Expect: 100-continue",
    "Expect: y 100-continue",
    "Expect: 100-continue, x",
    "Expect:",
    "Expect: 100-Continue",
    "Upgrade: websocket",
    "Upgrade: h2c",
    "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade, HTTP2-Settings",
    "Connection: close",
    "Connection: keep-alive",
    "Connection: Authorization, Host, Content-Length",
    "Connection: Transfer-Encoding",
    "Connection: X-Forwarded-For, x-hop",
    "Connection: x\0y",
    "Keep-Alive: timeout=1",
    "TE: trailers",
    "Trailer: Content-Length",
    "Proxy-Connection: keep-alive",
    "X_Forwarded_For: 1.1.1.1",
    "X-Forwarded-For: 1.1.1.1",
    "X: \x1b[31m",
    "X: \x7f",
    "X: a\r\r\n",
    "X: caf\u{e9}",
    "X",
    ": y",
    "X:",
    "X(: y",
    "Authorization: Bearer bob",
    "Content-Length: 5\r\nContent-Length: 5",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "X: y\r\n\r",
];

const TARGETS: &[&str] = &[
    "/api/x?a=%20b",
    "/api/x?a=//../;",
    "http://gate/api/x",
    "HTTP://GATE/api/x",
    "http://other/api/x",
    "http://gate?/api/x",
    "http://gate",
    "http://u@gate/api/x",
    "http://gate:80/api/x",
    "https://gate/api/x",
    "//api/x",
    "/api//x",
    "/api/./x",
    "/api/../x",
    "/api/%2e%2e/x",
    "/api/%2fx",
    "/api/x;y=z",
    "/api\\x",
    "/api/%61",
    "/api/%zz",
    "/api/%",
    "/api/%00",
    "/api/caf\u{e9}",
    "/api/x#f",
    "/api/x y",
    "/api/x\tHTTP/1.1",
    "*",
    "gate:80",
    "api/x",
    "?api",
    "",
    "/nowhere",
    "/api/%0d%0aX:%20y",
    "/api/<x>",
    "/api/\"x",
    "/api/x\x0b",
];

const VERSIONS: &[&str] = &[
    "HTTP/1.0",
    "HTTP/1.2",
    "HTTP/2.0",
    "HTTP/0.9",
    "http/1.1",
    "HTTP/1.1 ",
    " HTTP/1.1",
    "HTTP/1.1\rX",
    "HTTP/1.1x",
    "",
    "ICY/1.1",
];

const METHODS: &[&str] = &[
    "POST", "DELETE", "get", "GE T", "G\0T", "", " GET", "CONNECT", "PATCH", "OPTIONS", "GE(T", "TRACE",
];

const CHUNKED: &[&str] = &[
    "5\r\nhello\r\n0\r\n\r\n",
    "5;a=b\r\nhello\r\n0\r\n\r\n",
    "05\r\nhello\r\n000\r\n\r\n",
    "5 \r\nhello\r\n0\r\n\r\n",
    "5\nhello\r\n0\r\n\r\n",
    "5\r\nhello\n0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "+5\r\nhello\r\n0\r\n\r\n",
    "-5\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello!\r\n0\r\n\r\n",
    "6\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n0\r\nX: y\r\n\r\n",
    "5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n",
    "5\r\nhello\r\n0\r\n X: y\r\n\r\n",
    "5\r\nhello\r\n0\r\nX : y\r\n\r\n",
    "5\r\nhello\r\n0\r\n\n",
    "5\r\nhello\r\n0\n\n",
    "5\r\nhello\r\n0\r\nGET /api/in HTTP/1.1\r\n\r\n",
    "5;\nhello\r\n0\r\n\r\n",
    "5;a\nb\r\nhello\r\n0\r\n\r\n",
    "ffffffffffffffff5\r\nhello\r\n0\r\n\r\n",
    "\r\n5\r\nhello\r\n0\r\n\r\n",
    "5\r\nhello\r\n\r\n0\r\n\r\n",
    "5\rhello\r\n0\r\n\r\n",
    "hello",
    "",
    "0\r\n\r\n",
    "5\r\nhello0\r\n\r\n",
    "5\r\nhello\r\n0;x\r\n\r\n",
    "5\r\nhello\r\n0\r\n\r\n\r\n",
];

/// How many bends a draft can be given one at a time.
pub const BENDS: usize = FIELDS.len() + TARGETS.len() + VERSIONS.len() + METHODS.len() + CHUNKED.len() + 8;

impl Draft {
    /// One of the three plain forms; all carry which case they are of and which request of it.
    pub fn plain(form: usize, case: usize, number: usize) -> Draft {
        let fields = [
            "Host: gate".into(),
            "Authorization: Bearer ann".into(),
            format!("x-case: {case}"),
        ];
        let mut draft = Draft {
            line: format!("GET /api/{number} HTTP/1.1"),
            fields: fields.map(String::into_bytes).to_vec(),
            line_end: "\r\n",
            head_end: "\r\n",
            body: Vec::new(),
        };
        // What stands in a body would be a request, were it read as one.
        let within =
            format!("GET /api/within HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ann\r\nx-case: {case}\r\n\r\n");
        match form {
            0 => {}
            1 => {
                draft.line = format!("PUT /api/{number} HTTP/1.1");
                draft
                    .fields
                    .push(format!("Content-Length: {}", within.len()).into_bytes());
                draft.body = within.into_bytes();
            }
            _ => {
                draft.line = format!("POST /api/{number} HTTP/1.1");
                draft.fields.push(b"Transfer-Encoding: chunked".to_vec());
                draft.body = format!("{:x}\r\n{within}\r\n0\r\n\r\n", within.len()).into_bytes();
            }
        }
        draft
    }

    /// Bends it in one way.
    pub fn bend(&mut self, which: usize, random: &mut Random) {
        let mut which = which;
        let mut choose = |choices: &'static [&'static str]| {
            let chosen = choices.get(which).copied();
            which = which.wrapping_sub(choices.len());
            chosen
        };
        if let Some(field) = choose(FIELDS) {
            let at = random.below(self.fields.len() + 1);
            return self.fields.insert(at, latin_1(field));
        }
        if let Some(target) = choose(TARGETS) {
            return self.word(1, target);
        }
        if let Some(version) = choose(VERSIONS) {
            return self.word(2, version);
        }
        if let Some(method) = choose(METHODS) {
            return self.word(0, method);
        }
        if let Some(body) = choose(CHUNKED) {
            self.fields.retain(|field| !field.starts_with(b"Content-Length"));
            if !self.fields.iter().any(|field| field.starts_with(b"Transfer-Encoding")) {
                self.fields.push(b"Transfer-Encoding: chunked".to_vec());
            }
            self.body = body.into();
            return;
        }
        match which {
            0 => self.line_end = "\n",
            1 => self.head_end = "\n",
            2 => self.line.push_str("\nX: y"),
            3 => drop(self.fields.remove(random.below(2))),
            4 => self
                .line
                .insert_str(0, random.of(&["\r\n", "\n", "\r", "\r\n\r\n", " ", "\0", "\x16\x03"])),
            5 => self.body.extend(random.of(&["\r\n", "x", "\r", "\n", " "]).bytes()),
            6 => drop(self.body.pop()),
            _ => self
                .fields
                .push(b"Content-Length: 0\r\nTransfer-Encoding: chunked".to_vec()),
        }
    }

    pub fn write(&self, to: &mut Vec<u8>) {
        to.extend(latin_1(&self.line));
        to.extend(self.line_end.bytes());
        for field in &self.fields {
            to.extend(field);
            to.extend(self.line_end.bytes());
        }
        to.extend(self.head_end.bytes());
        to.extend(&self.body);
    }

    fn word(&mut self, which: usize, word: &str) {
        let mut words: Vec<&str> = self.line.split(' ').collect();
        if let Some(old) = words.get_mut(which) {
            *old = word;
        }
        self.line = words.join(" ");
    }
}

/// One byte a character.
fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|character| character as u8).collect()
}
