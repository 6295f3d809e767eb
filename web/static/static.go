// Package static holds the style sheet, the script and the drawings of the
// portal, and serves them under names that change with their content, so that a
// browser keeps them for a year and never shows an old one.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

//go:embed css/*.css *.js vote/*.js *.svg
var files embed.FS

// sheets are the parts of app.css, in the order of the cascade.
var sheets = []string{"tokens", "base", "layout", "forms", "components", "pictures", "print"}

// asset is one file ready to be sent.
type asset struct {
	url     string
	kind    string // Content-Type
	etag    string
	plain   []byte
	gzipped []byte
}

var (
	byName = map[string]*asset{} // "app.css"
	byURL  = map[string]*asset{} // "/static/app.3f2a8c1d.css"
)

func init() {
	add("app.css", []byte(squeeze(Stylesheet())))
	add("meeting.css", []byte(squeeze(joined("meeting"))))
	add("figures.css", []byte(squeeze(joined("figures"))))
	add("roadmap.css", []byte(squeeze(joined("figures", "roadmap")))) // its pages draw curves too
	add("vote.css", []byte(squeeze(joined("vote"))))
	add("vote.js", voteScript())
	for _, name := range []string{"portal.js", "agenda.js", "answer.js", "roll.js", "minutes.js", "report.js", "favicon.svg", "logo.svg"} {
		b, err := files.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("static: %v", err)) // embedded: cannot be missing
		}
		add(name, b)
	}
}

// Stylesheet returns the source of app.css, comments included.
func Stylesheet() string { return joined(sheets...) }

// joined is the source of several parts, one after the other.
func joined(parts ...string) string {
	var b strings.Builder
	for _, s := range parts {
		css, err := files.ReadFile("css/" + s + ".css")
		if err != nil {
			panic(fmt.Sprintf("static: %v", err)) // embedded: cannot be missing
		}
		b.Write(css)
		b.WriteByte('\n')
	}
	return b.String()
}

// voteScript is all that encrypts in the browser, as one file: the page and its
// Worker run the same bytes, whose digest is published. « cat vote/*.js » gives it.
func voteScript() []byte {
	names, err := fs.Glob(files, "vote/*.js") // in the order of their names
	if err != nil || len(names) == 0 {
		panic(fmt.Sprintf("static: vote.js: %v", err)) // embedded: cannot be missing
	}
	var b []byte
	for _, name := range names {
		part, err := files.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("static: %v", err))
		}
		b = append(b, part...)
	}
	return b
}

// PrintSheet returns the style sheet of documents printed alone.
func PrintSheet() string { return paper }

var paper = func() string {
	css, err := files.ReadFile("css/paper.css")
	if err != nil {
		panic(fmt.Sprintf("static: %v", err)) // embedded: cannot be missing
	}
	return squeeze(string(css))
}()

// squeeze drops from a style sheet its comments and the spaces nobody needs. Our
// sheets hold no string with a brace, a comma or two spaces.
func squeeze(css string) string {
	css = comments.ReplaceAllString(css, "")
	css = spaces.ReplaceAllString(css, " ")
	css = around.ReplaceAllString(css, "$1")
	css = colon.ReplaceAllString(css, "$1:")
	return strings.ReplaceAll(strings.TrimSpace(css), ";}", "}")
}

var (
	comments = regexp.MustCompile(`(?s)/\*.*?\*/`)
	spaces   = regexp.MustCompile(`\s+`)
	around   = regexp.MustCompile(` ?([{};,>]) ?`)
	colon    = regexp.MustCompile(`([a-z0-9-]): `) // a property, not a selector
)

func add(name string, content []byte) {
	sum := sha256.Sum256(content)
	short := hex.EncodeToString(sum[:4])
	ext := path.Ext(name)
	a := &asset{
		url:   "/static/" + strings.TrimSuffix(name, ext) + "." + short + ext,
		kind:  contentType(ext),
		etag:  `"` + short + `"`,
		plain: content,
	}
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression) // the level is valid
	_, _ = w.Write(content)                               // a buffer does not fail
	_ = w.Close()
	if z.Len() < len(content) {
		a.gzipped = z.Bytes()
	}
	byName[name], byURL[a.url] = a, a
}

func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(ext)
}

// Path returns the address of a file: Path("app.css") is "/static/app.3f2a8c1d.css".
// It panics on a name that does not exist: names are constants of the program.
func Path(name string) string {
	a, ok := byName[name]
	if !ok {
		panic("static: no file " + name)
	}
	return a.url
}

// Digest is the SHA-256 of a file as it is served, in hexadecimal: what sha256sum
// says of the downloaded file. That of vote.js stands in the procès-verbal.
func Digest(name string) string {
	a, ok := byName[name]
	if !ok {
		panic("static: no file " + name)
	}
	sum := sha256.Sum256(a.plain)
	return hex.EncodeToString(sum[:])
}

// Has tells whether a file is served at the address.
func Has(url string) bool { return byURL[url] != nil }

// Size returns the bytes a browser receives for a file, compressed.
func Size(name string) int {
	if a := byName[name]; a != nil && a.gzipped != nil {
		return len(a.gzipped)
	}
	return len(byName[name].plain)
}

// Handler serves /static/…; an unknown name, an old fingerprint or none is a 404.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	a, ok := byURL[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "Méthode refusée.", http.StatusMethodNotAllowed)
		return
	}
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	body, etag := a.plain, a.etag
	if a.gzipped != nil && AcceptsGzip(r.Header.Get("Accept-Encoding")) {
		body, etag = a.gzipped, strings.TrimSuffix(a.etag, `"`)+`-gz"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", etag)
	if strings.Contains(r.Header.Get("If-None-Match"), etag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader left: nothing to tell it
	}
}

// AcceptsGzip reads Accept-Encoding, where « gzip;q=0 » is a refusal (RFC 9110,
// 12.5.3).
func AcceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		weight, found := strings.CutPrefix(strings.TrimSpace(params), "q=")
		q, err := strconv.ParseFloat(weight, 64)
		return !found || err == nil && q > 0
	}
	return false
}
