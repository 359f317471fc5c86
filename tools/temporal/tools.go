//go:build tools

// Package tools pins the Temporal CLI so that `go build` makes the same binary everywhere.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
