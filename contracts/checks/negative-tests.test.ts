import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { EXCUSES } from './excuses.ts'
import { judge, missingTests } from './negative-tests.ts'
import { compile, economySources, refusals, withImports } from './solc.ts'

const AST = { outputSelection: { '*': { '': ['ast'] } } }

test('every function that changes something is expected to fail by some test, and every error of ours is named by one', () => {
  const economy = economySources()
  const tests = readdirSync(resolve(import.meta.dirname, '../test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sol'))
    .map((file) => `contracts/test/${file}`)
  const output = compile(withImports([...economy, ...tests]), AST)
  expect(refusals(output)).toEqual([])
  expect(judge(missingTests(output, economy, tests), EXCUSES)).toEqual({ unexcused: [], idle: [] })
})

const ECONOMY = `
  interface IVault { error Empty(); error Closed(); function take(uint256 amount) external; function give() external; }
  abstract contract Owned { function hand(address to) external { require(to != address(0)); } }
  contract Vault is IVault, Owned {
    function take(uint256 amount) external { require(amount != 0, Empty()); }
    function give() external {}
    function look() external view returns (uint256) { return block.number; }
  }`

function missing(tests: string): ReturnType<typeof missingTests> {
  const head =
    'pragma solidity ^0.8.0; import {IVault, Owned, Vault} from "vault.sol"; interface Vm { function expectRevert() external; function prank(address a) external; }'
  const sources = new Map([
    ['vault.sol', `pragma solidity ^0.8.0;${ECONOMY}`],
    ['test.sol', `${head}${tests}`],
  ])
  const output = compile(sources, AST)
  expect(refusals(output)).toEqual([])
  return missingTests(output, ['vault.sol'], ['test.sol'])
}

const signatures = (tests: string) =>
  missing(tests).functions.map(({ contract, signature }) => `${contract}.${signature}`)

test('what no test expects to fail is listed, views are not', () => {
  expect(signatures('contract T { Vm vm; IVault v; function t() external { v.take(1); v.give(); } }')).toEqual([
    'Vault.take(uint256)',
    'Vault.give()',
    'Vault.hand(address)',
  ])
})

test('the statement after expectRevert counts, calls of the runner between them do not matter', () => {
  const body = 'vm.expectRevert(); vm.prank(address(1)); v.take(0); v.give();'
  expect(signatures(`contract T { Vm vm; IVault v; function t() external { ${body} } }`)).not.toContain(
    'Vault.take(uint256)',
  )
  expect(signatures(`contract T { Vm vm; IVault v; function t() external { ${body} } }`)).toContain('Vault.give()')
})

test('helpers, encoded calls and a try that reverts on success count', () => {
  const tests = `contract T { Vm vm; IVault v; Vault w;
    function help() internal { v.take(0); }
    function t() external { vm.expectRevert(); help(); }
    function u() external { vm.expectRevert(); this.send(abi.encodeCall(IVault.give, ())); }
    function send(bytes calldata) external {}
    function x() external { try w.hand(address(0)) { revert("handed"); } catch {} } }`
  expect(signatures(tests)).toEqual([])
})

test('a helper that ends by expecting a failure announces the next statement, and no further one', () => {
  const tests = `contract T { Vm vm; IVault v; Vault w;
    function refusal() internal { vm.expectRevert(); }
    function t() external { refusal(); v.take(0); v.give(); } }`
  expect(signatures(tests)).toEqual(['Vault.give()', 'Vault.hand(address)'])
})

test('a namesake of another contract of ours does not count', () => {
  const tests =
    'interface IOther { function take(uint256 amount) external; } contract T { Vm vm; Owned o; function t() external { vm.expectRevert(); o.hand(address(0)); } }'
  expect(signatures(tests)).toEqual(['Vault.take(uint256)', 'Vault.give()'])
})

test('an error that no test names is listed', () => {
  expect(
    missing('contract T { function t() external pure returns (bytes4) { return IVault.Empty.selector; } }').errors,
  ).toEqual(['Closed'])
})

test('an excuse excuses, and one that is not needed is found', () => {
  const found = { functions: [{ contract: 'Vault', signature: 'give()', home: 'vault.sol' }], errors: ['Closed'] }
  expect(judge(found, {}).unexcused).toEqual(['Vault.give()', 'Closed'])
  expect(judge(found, { 'Vault.give()': 'gifts never fail', Closed: 'later', 'Vault.take(uint256)': 'no' })).toEqual({
    unexcused: [],
    idle: ['Vault.take(uint256)'],
  })
  expect(
    judge(
      { functions: [{ contract: 'Vault', signature: 'give()', home: '@package/a.sol' }], errors: [] },
      { 'give()': 'theirs' },
    ).unexcused,
  ).toEqual([])
})
