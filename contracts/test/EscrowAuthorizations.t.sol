// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuarded} from "../governance/IGuarded.sol";
import {IInferenceEscrow} from "../payments/IInferenceEscrow.sol";
import {IOpenToken} from "../token/IOpenToken.sol";
import {Authorizing, KeyedAccount} from "./support/Authorizing.sol";
import {Payers} from "./support/Payers.sol";

/// Deposits that their payer only signed (EIP-3009), sent by anybody.
contract EscrowAuthorizationsTest is Payers, Authorizing {
    event Deposited(address indexed payer, address indexed from, uint256 amountWei);

    function setUp() public override {
        super.setUp();
        token.transfer(payer, 1_000);
    }

    function authorization(uint128 amountWei) internal view returns (Authorization memory) {
        uint256 until = block.timestamp + 1 hours;
        return Authorization(payer, address(escrow), amountWei, block.timestamp - 1, until, "nonce");
    }

    function signedBy(uint256 key, Authorization memory a) internal view returns (bytes memory) {
        return signed(key, domainOf(address(token), "OpenLedger"), useOf(2, a));
    }

    function send(Authorization memory a, bytes memory signature) internal {
        vm.prank(STRANGER);
        escrow.depositWithAuthorization(a.from, uint128(a.value), a.validAfter, a.validBefore, a.nonce, signature);
    }

    function test_AnybodySendsADepositThatItsPayerSigned() public {
        Authorization memory a = authorization(600);
        vm.expectEmit(address(escrow));
        emit Deposited(payer, payer, 600);
        send(a, signedBy(PAYER_KEY, a));
        equal(escrow.availableOf(payer), DEPOSIT_WEI + 600, "booked");
        equal(token.balanceOf(payer), 400, "taken");
        equal(token.balanceOf(address(escrow)), DEPOSIT_WEI + 600, "held");
    }

    function test_ADepositIsSignedOnceAndForItsAmountAndPayer() public {
        Authorization memory a = authorization(600);
        bytes memory signature = signedBy(PAYER_KEY, a);
        Authorization memory more = authorization(601);
        vm.expectRevert(abi.encodeWithSelector(IOpenToken.OpenAuthorizationUnsigned.selector, payer));
        send(more, signature);
        bytes memory other = signedBy(SESSION_KEY, a);
        vm.expectRevert(abi.encodeWithSelector(IOpenToken.OpenAuthorizationUnsigned.selector, payer));
        send(a, other);
        send(a, signature);
        vm.expectRevert(
            abi.encodeWithSelector(IOpenToken.OpenAuthorizationSpent.selector, payer, a.nonce, useOf(2, a))
        );
        send(a, signature);
        equal(escrow.availableOf(payer), DEPOSIT_WEI + 600, "booked once");
    }

    /// Money that somebody else moves here would lie in the escrow and be nobody's.
    function test_NobodyMovesTheMoneyPastTheBooking() public {
        Authorization memory a = authorization(600);
        bytes memory signature = signedBy(PAYER_KEY, a);
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IOpenToken.OpenAuthorizationNotPayee.selector, STRANGER, address(escrow))
        );
        token.receiveWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature);
    }

    function test_APayerWithCodeSignsByItself() public {
        payer = address(new KeyedAccount(vm.addr(SESSION_KEY)));
        token.transfer(payer, 5);
        Authorization memory a = authorization(5);
        send(a, signedBy(SESSION_KEY, a));
        equal(escrow.availableOf(payer), 5, "booked");
    }

    function test_NothingIsNoDepositAndAPauseStopsIt() public {
        Authorization memory a = authorization(0);
        bytes memory signature = signedBy(PAYER_KEY, a);
        vm.expectRevert(IInferenceEscrow.EscrowZeroAmount.selector);
        send(a, signature);
        a = authorization(600);
        signature = signedBy(PAYER_KEY, a);
        vm.prank(GUARDIAN);
        IGuarded(address(escrow)).pause();
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        send(a, signature);
        vm.expectRevert(IGuarded.GuardedPaused.selector);
        escrow.deposit(payer, 1);
    }
}
