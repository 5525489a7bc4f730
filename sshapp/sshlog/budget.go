package sshlog

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// A connection may log burst lines at once, and then one line per interval. Warnings and errors
// have a second limit of the same size.
const (
	burst    = 200
	interval = time.Second
)

// Budget limits the log lines of one connection, so that no client fills the log.
type Budget struct {
	lines, problems *rate.Limiter
	leftOut         atomic.Int64 // lines since the last one that was logged
}

// NewBudget returns the budget of a connection that has logged nothing yet.
func NewBudget() *Budget {
	return &Budget{
		lines:    rate.NewLimiter(rate.Every(interval), burst),
		problems: rate.NewLimiter(rate.Every(interval), burst),
	}
}

// On returns log, limited to the budget. The first line after omitted lines has their number.
func (b *Budget) On(log *slog.Logger) *slog.Logger {
	return slog.New(budgetHandler{log.Handler(), b})
}

// End logs the number of lines that were omitted last.
func (b *Budget) End(log *slog.Logger) {
	if n := b.leftOut.Swap(0); n > 0 {
		log.Info("lines left out of the log", "left_out", n)
	}
}

type budgetHandler struct {
	slog.Handler
	budget *Budget
}

func (h budgetHandler) Handle(ctx context.Context, r slog.Record) error {
	limit := h.budget.lines
	if r.Level >= slog.LevelWarn {
		limit = h.budget.problems
	}
	if !limit.Allow() {
		h.budget.leftOut.Add(1)
		return nil
	}
	if n := h.budget.leftOut.Swap(0); n > 0 {
		r.AddAttrs(slog.Int64("left_out", n))
	}
	return h.Handler.Handle(ctx, r)
}

func (h budgetHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return budgetHandler{h.Handler.WithAttrs(attrs), h.budget}
}

func (h budgetHandler) WithGroup(name string) slog.Handler {
	return budgetHandler{h.Handler.WithGroup(name), h.budget}
}
