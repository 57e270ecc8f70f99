// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IInferenceEscrow} from "../payments/IInferenceEscrow.sol";
import {IUpgradeable} from "./support/Economy.sol";
import {Payers} from "./support/Payers.sol";

contract InferenceEscrowBalanceTest is Payers {
    bytes32 internal constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    event Thawing(address indexed payer, uint256 amountWei, uint256 until);
    event Withdrawn(address indexed payer, address indexed to, uint256 amountWei);

    function balanceOf(address account) internal view returns (uint256 balanceWei) {
        (balanceWei, ) = escrow.accountOf(account);
    }

    function thaw(uint128 amountWei) internal {
        vm.prank(payer);
        escrow.thaw(amountWei);
    }

    function withdraw() internal returns (uint256) {
        vm.prank(payer);
        return escrow.withdraw(payer);
    }

    function refusesToWithdraw(uint256 until) internal {
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowStillThawing.selector, payer, until));
        escrow.withdraw(payer);
    }

    function test_AnEscrowWithoutItsPartsIsRefused() public {
        for (uint256 missing; missing < 5; ++missing) {
            vm.expectRevert(IInferenceEscrow.EscrowZeroAddress.selector);
            this.deployWithout(missing);
        }
    }

    function deployWithout(uint256 missing) external {
        address[5] memory parts = [address(token), address(registry), address(stakes), address(vault), TREASURY];
        parts[missing] = address(0);
        deployed("InferenceEscrow", abi.encode(parts[0], parts[1], parts[2], parts[3], parts[4], THAW));
    }

    function test_AnEscrowIsSetUpOnce() public {
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        escrow.initialize(STRANGER, STRANGER);
        IInferenceEscrow code = IInferenceEscrow(
            deployed("InferenceEscrow", abi.encode(token, registry, stakes, vault, TREASURY, THAW))
        );
        vm.expectRevert(IUpgradeable.InvalidInitialization.selector);
        code.initialize(STRANGER, STRANGER);
    }

    // In

    function test_AnybodyDepositsForAPayer() public view {
        equal(balanceOf(payer), DEPOSIT_WEI, "deposited in setUp by this contract");
        equal(escrow.availableOf(payer), DEPOSIT_WEI, "available");
        equal(token.balanceOf(address(escrow)), DEPOSIT_WEI, "held");
    }

    function test_ADepositOfNothingForNobodyOrWithoutLeaveIsRefused() public {
        vm.expectRevert(IInferenceEscrow.EscrowZeroAmount.selector);
        escrow.deposit(payer, 0);
        vm.expectRevert(IInferenceEscrow.EscrowZeroAddress.selector);
        escrow.deposit(address(0), 1);
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, 1)
        );
        escrow.deposit(payer, 1);
    }

    function test_ADepositCanComeWithItsPermitEvenIfSomebodyUsedThatFirst() public {
        token.transfer(payer, 100);
        (uint8 v, bytes32 r, bytes32 s) = permit(60, 0);
        vm.prank(payer);
        escrow.depositWithPermit(payer, 60, block.timestamp, v, r, s);
        equal(balanceOf(payer), DEPOSIT_WEI + 60, "with its permit");
        (v, r, s) = permit(40, 1);
        vm.prank(STRANGER);
        token.permit(payer, address(escrow), 40, block.timestamp, v, r, s);
        vm.prank(payer);
        escrow.depositWithPermit(payer, 40, block.timestamp, v, r, s);
        equal(balanceOf(payer), DEPOSIT_WEI + 100, "with a permit that was used");
    }

    function test_ADepositWithABadPermitIsRefused() public {
        token.transfer(STRANGER, 100);
        (uint8 v, bytes32 r, bytes32 s) = permit(60, 0);
        vm.prank(STRANGER);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(escrow), 0, 60)
        );
        escrow.depositWithPermit(payer, 60, block.timestamp, v, r, s);
    }

    function permit(uint256 amountWei, uint256 nonce) internal view returns (uint8, bytes32, bytes32) {
        bytes32 message = keccak256(abi.encode(PERMIT, payer, address(escrow), amountWei, nonce, block.timestamp));
        return vm.sign(PAYER_KEY, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), message)));
    }

    function test_NobodyIsNoSigner() public {
        vm.expectRevert(IInferenceEscrow.EscrowZeroAddress.selector);
        escrow.setSigner(address(0), true);
    }

    // Out

    function test_APayerTakesBackWhatThawed() public {
        uint256 until = block.timestamp + THAW;
        vm.expectEmit(address(escrow));
        emit Thawing(payer, 400, until);
        thaw(400);
        equal(escrow.availableOf(payer), DEPOSIT_WEI - 400, "available while it thaws");
        refusesToWithdraw(until);
        vm.warp(until - 1);
        refusesToWithdraw(until);
        vm.warp(until);
        vm.expectEmit(address(escrow));
        emit Withdrawn(payer, payer, 400);
        equal(withdraw(), 400, "taken");
        equal(token.balanceOf(payer), 400, "arrived");
        equal(balanceOf(payer), DEPOSIT_WEI - 400, "left");
        refusesToWithdraw(0);
    }

    function test_ALaterThawDelaysNoEarlierOne() public {
        uint256 start = block.timestamp;
        thaw(100);
        vm.warp(start + 1 days);
        thaw(20);
        vm.warp(start + THAW);
        equal(withdraw(), 100, "the first, on its day");
        refusesToWithdraw(start + 1 days + THAW);
        vm.warp(start + 1 days + THAW);
        thaw(3);
        equal(withdraw(), 20, "the second, on its day");
        vm.warp(block.timestamp + THAW);
        equal(withdraw(), 3, "the third");
    }

    function test_ThawsThatAreOverAreTakenAtOnce() public {
        thaw(100);
        thaw(20);
        vm.warp(block.timestamp + THAW);
        equal(withdraw(), 120, "both");
    }

    function test_ThawingMoneyIsStillSpentAndNotPaidOutTwice() public {
        thaw(DEPOSIT_WEI);
        settle(paid(adapter, DEPOSIT_WEI - 30), DEPOSIT_WEI - 30);
        equal(escrow.availableOf(payer), 0, "nothing available");
        vm.warp(block.timestamp + THAW);
        equal(withdraw(), 30, "what is left");
        equal(owedWei(), DEPOSIT_WEI - 30, "earnings stay whole");
        (uint256 balanceWei, uint256 thawingWei) = escrow.accountOf(payer);
        equal(balanceWei + thawingWei, 0, "nothing left, nothing thawing");
        escrow.deposit(payer, 40);
        equal(escrow.availableOf(payer), 40, "what was spent while it thawed thaws no more");
    }

    /// What a node sees as available stays chargeable for the whole thaw time, whatever the payer does.
    function testFuzz_WhatIsAvailableCannotLeaveBeforeTheThawTime(uint128[4] memory amounts, uint8 order) public {
        uint256 start = block.timestamp;
        for (uint256 i; i < 4; ++i) {
            uint256 availableWei = escrow.availableOf(payer);
            if (order & 1 == 1 && availableWei != 0) thaw(uint128(bound(amounts[i], 1, availableWei)));
            else escrow.deposit(payer, uint128(bound(amounts[i], 1, 1e18)));
            order >>= 1;
            vm.warp(block.timestamp + THAW / 4 - 1);
        }
        uint256 seenWei = escrow.availableOf(payer);
        uint256 seenAt = block.timestamp;
        if (seenWei > 1) thaw(uint128(seenWei / 2));
        vm.warp(seenAt + THAW - 1);
        vm.prank(payer);
        try escrow.withdraw(payer) {} catch {}
        require(balanceOf(payer) >= seenWei, "available money left early");
        require(block.timestamp > start, "time passed");
    }

    function test_AThawOfNothingOrOfMoreThanThereIsIsRefused() public {
        vm.startPrank(payer);
        vm.expectRevert(IInferenceEscrow.EscrowZeroAmount.selector);
        escrow.thaw(0);
        escrow.thaw(DEPOSIT_WEI - 1);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowNothingToThaw.selector, payer, 2, 1));
        escrow.thaw(2);
        vm.stopPrank();
    }

    function test_SoManyThawsAreRefused() public {
        for (uint256 i; i < 16; ++i) thaw(1);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowTooManyThaws.selector, payer, 16));
        escrow.thaw(1);
        vm.warp(block.timestamp + THAW);
        equal(withdraw(), 16, "all of them");
        thaw(1);
    }

    function test_NothingIsWithdrawnToNobody() public {
        thaw(1);
        vm.warp(block.timestamp + THAW);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        escrow.withdraw(address(0));
    }

    // Earnings

    function test_WhoeverEarnedTakesItOnce() public {
        settle(paid(adapter, 1_000_000), 1_000_000);
        address[4] memory earners = [TREASURY, NODE, BASE_OWNER, ADAPTER_OWNER];
        uint256[4] memory amounts = [uint256(50_000), 350_000, 50_000, 100_000];
        for (uint256 i; i < 4; ++i) {
            vm.startPrank(earners[i]);
            equal(escrow.withdrawEarned(STRANGER), amounts[i], "earned");
            vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowNothingEarned.selector, earners[i]));
            escrow.withdrawEarned(STRANGER);
            vm.stopPrank();
        }
        equal(token.balanceOf(STRANGER), 550_000, "sent where they said");
    }

    function test_TheContributorsPartGoesToTheVaultAndNowhereElse() public {
        vm.expectRevert(IInferenceEscrow.EscrowNothingToSweep.selector);
        escrow.sweep();
        settle(paid(adapter, 1_000_000), 1_000_000);
        vm.prank(STRANGER);
        equal(escrow.sweep(), 450_000, "swept");
        equal(vault.funded(), 450_000, "funded");
        equal(token.balanceOf(address(vault)), 450_000, "arrived");
        vm.expectRevert(IInferenceEscrow.EscrowNothingToSweep.selector);
        escrow.sweep();
        settle(paid(adapter, 2_000_000), 1_000_000);
        equal(escrow.sweep(), 450_000, "swept again");
    }

    function test_GovernanceReachesNoBalance() public {
        vm.startPrank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowNothingEarned.selector, GOVERNOR));
        escrow.withdrawEarned(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(IInferenceEscrow.EscrowStillThawing.selector, GOVERNOR, 0));
        escrow.withdraw(GOVERNOR);
        vm.expectRevert();
        IUpgradeable(address(escrow)).upgradeToAndCall(address(1), "");
        vm.stopPrank();
    }
}
