// Package expr is DynamoDB's expressions: condition, filter, key condition, projection and update
// expressions, and the legacy parameters that say the same in other forms.
//
// An expression's text is parsed once (Condition, Projection and Update keep what they parsed in
// bounded caches) into a tree that still has its #names and :values. A request binds the tree to its
// Params, which resolves the placeholders and makes the checks that need them; what comes out is
// evaluated against items without needless allocation.
//
// Mistakes are Problems, worded as AWS words them and found in AWS's order: syntax, parentheses,
// functions, reserved words, then what needs names and values.
//
// Read it in this order: lex, ast, parse, check, params, bind, eval, keycond, projection, update,
// apply, legacy.
package expr
