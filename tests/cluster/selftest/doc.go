// SPDX-License-Identifier: Apache-2.0

// Package selftest holds the tests that bring real clusters up by the command
// a user calls, and look at what the machine is like before, meanwhile and after.
package selftest
