// Package browsertest drives one Chromium from tests: pages seen in light, in
// dark, on a phone, without script, and judged by axe-core.
//
//	func TestMain(m *testing.M) { os.Exit(browsertest.Main(m)) }
//
//	func TestHome(t *testing.T) {
//		tab := browsertest.Open(t, browsertest.Options{Width: 320, Dark: true})
//		tab.Go(server.URL + "/")
//		tab.Fill("#courriel", "equipe@example.org")
//		tab.Submit("form[action='/connexion'] button")
//		browsertest.NoViolation(t, tab.Axe())
//		if n := tab.Overflow(); n > 0 { … }
//	}
//
// The browser is started by the first Open of the process and shared; each tab
// has its own cookies, so tabs may be different people and tests may run in
// parallel. Open skips the test under -short and where there is no Chromium,
// unless PORTAL_BROWSER=required, which CI sets. A method that fails ends the
// test.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// timeout is how long one step may last; a slow CI machine starts Chromium in ten
// seconds.
const timeout = 60 * time.Second

// browser is the one Chromium of the process.
var browser struct {
	sync.Mutex
	ctx  context.Context // of the first tab, which keeps the browser alive
	stop func()
}

// Main runs the tests of a package and closes the browser they opened; a TestMain
// calls it. Without it Chromium dies with the process but leaves its directory in
// the temporary one.
func Main(m *testing.M) int {
	code := m.Run()
	browser.Lock()
	defer browser.Unlock()
	if browser.stop != nil {
		browser.stop()
	}
	return code
}

// start returns the context of the running browser, starting it if need be.
func start(path string) (context.Context, error) {
	browser.Lock()
	defer browser.Unlock()
	if browser.ctx != nil {
		return browser.ctx, nil
	}
	dir, err := os.MkdirTemp("", "portal-chromium-")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // the tests' own pages; containers run as root
		chromedp.DisableGPU,
		chromedp.UserDataDir(dir),
		chromedp.WSURLReadTimeout(timeout),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("lang", "fr"),
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopBrowser := chromedp.NewContext(allocator)
	stop := func() {
		_ = chromedp.Cancel(ctx) // closing: what it says helps nobody
		stopBrowser()
		stopAllocator()
		_ = os.RemoveAll(dir)
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	browser.ctx, browser.stop = ctx, stop
	return ctx, nil
}

// find returns the path of a Chromium, "" when there is none.
func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

// Options says how a page is seen. The zero value is a desk screen, in light.
type Options struct {
	Width, Height int64 // 1280 × 900 if zero; 320 is the narrowest we support
	Dark          bool
	NoScript      bool
	ForcedColors  bool
	// Motion lets animations run. A click while one page gives way to another is
	// lost, as for a person; without motion, pages change at once.
	Motion bool
	Print  bool // the print style sheet
}

// Tab is one page of the browser, with its own cookies.
type Tab struct {
	t       testing.TB
	ctx     context.Context
	mu      sync.Mutex
	console []string
}

// Open opens a tab, closed at the end of the test.
func Open(t testing.TB, o Options) *Tab {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a browser")
	}
	path := find()
	if path == "" {
		if os.Getenv("PORTAL_BROWSER") == "required" {
			t.Fatal("no Chromium found and PORTAL_BROWSER=required")
		}
		t.Skip("no Chromium found")
	}
	root, err := start(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	// Each tab behaves as the one in front, or keys pressed in two at once are lost.
	if _, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	tab.listen()
	tab.See(o)
	return tab
}

// See changes how the page is seen, at any moment.
func (tab *Tab) See(o Options) {
	tab.t.Helper()
	if o.Width == 0 {
		o.Width = 1280
	}
	if o.Height == 0 {
		o.Height = 900
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: pick(o.Dark, "dark", "light")},
		{Name: "forced-colors", Value: pick(o.ForcedColors, "active", "none")},
		{Name: "prefers-reduced-motion", Value: pick(o.Motion, "no-preference", "reduce")},
	}}
	if o.Print {
		media.Media = "print"
	}
	tab.do("view", chromedp.EmulateViewport(o.Width, o.Height), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: o.NoScript})
		return err
	}))
}

func pick(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}

// Context returns the chromedp context of the tab, for what has no method here.
// It must not be used from two goroutines.
func (tab *Tab) Context() context.Context { return tab.ctx }

// do runs steps or ends the test.
func (tab *Tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, timeout)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tab.t.Fatalf("%s: %v", what, err)
	}
}

// Go loads a page and returns its status.
func (tab *Tab) Go(url string) int {
	tab.t.Helper()
	return tab.load("go to "+url, chromedp.Navigate(url))
}

// Submit clicks and waits for the page it leads to; it returns its status.
func (tab *Tab) Submit(selector string) int {
	tab.t.Helper()
	return tab.load("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

func (tab *Tab) load(what string, step chromedp.Action[chromedp.Void]) int {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, timeout)
	defer cancel()
	r, err := chromedp.RunResponse(ctx, step)
	if err != nil {
		tab.t.Fatalf("%s: %v", what, err)
	}
	if r == nil {
		tab.t.Fatalf("%s: leads to a place in the same page", what)
	}
	return int(r.Status)
}

// Click clicks on something that leads nowhere: a radio, a details.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Fill replaces the content of a text field with what a person would type.
func (tab *Tab) Fill(selector, text string) {
	tab.t.Helper()
	if !Eval[bool](tab, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e?.focus(); e?.select(); return !!e })()`, selector)) {
		tab.t.Fatalf("fill %s: no such field", selector)
	}
	if text == "" {
		text = kb.Backspace
	}
	tab.do("fill "+selector, chromedp.KeyEvent(text))
}

// Choose picks the option of a <select> by its value.
func (tab *Tab) Choose(selector, value string) {
	tab.t.Helper()
	if !Eval[bool](tab, fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e) return false; e.value = %q;
		e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); return e.value === %[2]q })()`, selector, value)) {
		tab.t.Fatalf("choose %q in %s: no such option", value, selector)
	}
}

// Upload gives files to a file field.
func (tab *Tab) Upload(selector string, files ...string) {
	tab.t.Helper()
	tab.do("upload to "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), files))
}

// Press sends a key, "\t" for instance, to what has the focus.
func (tab *Tab) Press(key string) {
	tab.t.Helper()
	tab.do("press a key", chromedp.KeyEvent(key))
}

// Text returns what the first element that matches shows.
func (tab *Tab) Text(selector string) string {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, timeout)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS(selector)))
	if err != nil {
		tab.t.Fatalf("text of %s: %v", selector, err)
	}
	return s
}

// Eval runs an expression in the page and returns its value. It passes through
// the CSP, as the developer tools do, and works in a NoScript tab too.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, timeout)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.t.Fatalf("evaluate: %v", err)
	}
	return v
}

// Overflow returns by how many pixels the page is wider than the window.
func (tab *Tab) Overflow() int {
	tab.t.Helper()
	return Eval[int](tab, `document.documentElement.scrollWidth - document.documentElement.clientWidth`)
}

// Screenshot writes the whole page to a PNG file.
func (tab *Tab) Screenshot(path string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, timeout)
	defer cancel()
	b, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		tab.t.Fatalf("screenshot: %v", err)
	}
}

// PDF prints the page to a file, as the portal does: tagged, our @page.
func (tab *Tab) PDF(path string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, timeout)
	defer cancel()
	b, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFOutlineAndTagged(), chromedp.PDFPreferCSSPageSize()))
	if err == nil {
		err = os.WriteFile(filepath.Clean(path), b, 0o600)
	}
	if err != nil {
		tab.t.Fatalf("print: %v", err)
	}
}

// listen keeps what the page says to its console that is an error: a script that
// fails, a file that is missing, something the CSP refused.
func (tab *Tab) listen() {
	messages := chromedp.Console(tab.ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return // the tab is closed
			}
			if (m.IsException() || m.Type == "error") && !strings.Contains(m.Text, "beforeunload") { // Chromium's own remark on tests
				tab.mu.Lock()
				tab.console = append(tab.console, m.Text+" ("+m.URL+")")
				tab.mu.Unlock()
			}
		}
	}()
}

// ConsoleErrors returns the errors of the console since the tab was opened.
func (tab *Tab) ConsoleErrors() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return append([]string(nil), tab.console...)
}
