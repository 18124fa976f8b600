// SPDX-License-Identifier: Apache-2.0

package main

import "sort"

// names lists the programs in alphabetical order, for the usage line.
func names() []string {
	list := make([]string, 0, len(programs))
	for name := range programs {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}
