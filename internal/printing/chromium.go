package printing

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// printWithin bounds one print, the start of Chromium included. Two hundred pages
// take three seconds on a small machine.
const printWithin = 30 * time.Second

// findBrowser returns the path of a Chromium, "" when there is none. CHROMIUM_PATH
// goes before what is in PATH.
func findBrowser() string {
	for _, name := range []string{os.Getenv("CHROMIUM_PATH"), "chromium", "chromium-browser", "google-chrome", "chrome"} {
		if name == "" {
			continue
		}
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

// footer prints the number of each page; Chromium fills the two classes. The page
// itself keeps the room for it (@page, paper.css).
const footer = `<div style="width:100%;margin:0 16mm;font:8pt 'Liberation Sans',Arial,'DejaVu Sans',sans-serif;color:#444;text-align:right">` +
	`Page <span class="pageNumber"></span> sur <span class="totalPages"></span></div>`

// printAlone runs a Chromium of its own for one page: nothing of one document is
// left for the next, and a page that hurts it hurts nobody else. It is killed, and
// its directory deleted, before it returns, whatever happened.
func printAlone(ctx context.Context, path string, p Page) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, printWithin)
	defer cancel()
	dir, err := os.MkdirTemp("", "portal-print-")
	if err != nil {
		return nil, fmt.Errorf("print: %w", err)
	}
	defer os.RemoveAll(dir) // what Chromium puts beside its profile, which goes first
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.Env("TMPDIR="+dir),
		chromedp.DisableGPU,
		chromedp.Flag("lang", "fr"),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		// No name resolves and no address answers: what cutOff forgets leads nowhere.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"),
		chromedp.Flag("proxy-server", "127.0.0.1:9"),
		chromedp.Flag("proxy-bypass-list", "<-loopback>"),
	)
	// Chromium refuses to start sandboxed as root, or where a container may make no
	// namespace, which CHROMIUM_SANDBOX=off says. The page is ours, is text that was
	// escaped, runs no script and reaches nothing.
	if os.Geteuid() == 0 || os.Getenv("CHROMIUM_SANDBOX") == "off" {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	defer stop() // kills, waits for the process and deletes its profile
	ctx, closeTab := chromedp.NewContext(ctx, chromedp.WithErrorf(func(format string, args ...any) {
		slog.DebugContext(ctx, "chromium: "+fmt.Sprintf(format, args...))
	}))
	defer closeTab()
	pdf, err := chromedp.Run(ctx, layOut(p))
	if err != nil {
		return nil, fmt.Errorf("print with %s: %w", path, err)
	}
	return pdf, nil
}

// layOut gives the page to Chromium as text, cut off from everything, and prints it.
func layOut(p Page) chromedp.Action[[]byte] {
	return func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		if err := cutOff(ctx); err != nil {
			return nil, err
		}
		tree, err := chromedp.Call(ctx, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return nil, err
		}
		fill := chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, page.SetDocumentContent, page.SetDocumentContentParams{FrameID: tree.FrameTree.Frame.ID, HTML: p.HTML})
			return err
		})
		if _, err := chromedp.WaitEvent(page.LoadEventFired, nil, fill)(ctx, t); err != nil {
			return nil, err
		}
		options := []chromedp.PDFOption{
			chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPrintBackground(), chromedp.PDFPreferCSSPageSize(),
			chromedp.PDFOutlineAndTagged(), chromedp.PDFHeaderTemplate("<span></span>"), chromedp.PDFFooterTemplate(footer), chromedp.PDFStream(),
		}
		if p.Landscape {
			options = append(options, chromedp.PDFLandscape())
		}
		return chromedp.PrintToPDF(options...)(ctx, t)
	}
}

// cutOff forbids scripts, and has every request fail before it leaves: the page has
// all in itself. A navigation that is aborted leaves the page where it is.
func cutOff(ctx context.Context) error {
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		return err
	}
	paused := chromedp.Events(ctx, fetch.RequestPaused)
	go func() {
		for r, err := range paused {
			if err != nil {
				return // the tab is closed
			}
			// A request that cannot be failed any more is gone by itself.
			_, _ = chromedp.Call(ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: r.RequestID, ErrorReason: network.ErrorReasonAborted})
		}
	}()
	_, err := chromedp.Call(ctx, fetch.Enable, fetch.EnableParams{})
	return err
}
