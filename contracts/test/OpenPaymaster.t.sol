// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEntryPoint} from "@account-abstraction/contracts/interfaces/IEntryPoint.sol";
import {IStakeManager} from "@account-abstraction/contracts/interfaces/IStakeManager.sol";
import {PackedUserOperation} from "@account-abstraction/contracts/interfaces/PackedUserOperation.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IOpenPaymaster} from "../gas/IOpenPaymaster.sol";
import {IPriceSource} from "../gas/IPriceSource.sol";
import {KeyedAccount, Operations} from "./support/Operations.sol";

/// Notes what the world looks like while an operation runs, or refuses to run.
contract Witness {
    IERC20 internal immutable TOKEN;
    uint256 public seenWei;

    constructor(IERC20 token) {
        TOKEN = token;
    }

    function look() external {
        seenWei = TOKEN.balanceOf(msg.sender);
    }

    function refuse() external pure {
        revert("refused");
    }
}

contract OpenPaymasterTest is Operations {
    Witness internal witness;

    function setUp() public override {
        super.setUp();
        witness = new Witness(token);
    }

    function look() internal view returns (bytes memory) {
        return execute(address(witness), abi.encodeCall(Witness.look, ()));
    }

    // What an operation costs its sender

    function test_TheSenderPaysBeforehandAndGetsBackWhatItDidNotCost() public {
        handle(operation(SENDER_KEY, look()));
        uint256 maxCostWei = maxCostOf(usualGas());
        equal(witness.seenWei(), FUNDS_WEI - chargeOf(maxCostWei, PRICE_WEI), "held while it ran");
        uint256 costWei = paymaster.spentOn(today());
        uint256 chargedWei = chargeOf(costWei, PRICE_WEI);
        equal(token.balanceOf(sender), FUNDS_WEI - chargedWei, "sender");
        equal(token.balanceOf(address(paymaster)), chargedWei, "paymaster");
        equal(paymaster.spentBy(sender, today()), costWei, "counted for the sender");
        equal(paymaster.quote(costWei), chargedWei, "quote");
        uint256 gone = NATIVE_WEI - paymaster.getDeposit();
        equal(BUNDLER.balance, gone, "bundler");
        require(gone <= costWei && costWei < gone + POST_OP_GAS * FEE && costWei < maxCostWei, "covers, hardly more");
    }

    function test_ARevertedOperationPaysAndGetsItsRefundAsWell() public {
        handle(operation(SENDER_KEY, execute(address(witness), abi.encodeCall(Witness.refuse, ()))));
        uint256 costWei = paymaster.spentOn(today());
        equal(token.balanceOf(sender), FUNDS_WEI - chargeOf(costWei, PRICE_WEI), "sender");
        require(NATIVE_WEI - paymaster.getDeposit() <= costWei && costWei < maxCostOf(usualGas()), "covers, refunds");
    }

    struct During {
        uint256 validationData;
        uint256 balanceWei;
        uint256 bySenderWei;
        uint256 onDayWei;
    }

    /// Validation, something else, and postOp, in one transaction, as at the EntryPoint; says how things stood between.
    function ask(
        PackedUserOperation memory op,
        uint256 maxCostWei,
        uint256 actualCostWei,
        uint256 fee,
        address by,
        address callee,
        bytes calldata data
    ) external returns (During memory during) {
        bytes memory context;
        vm.prank(address(entryPoint));
        (context, during.validationData) = paymaster.validatePaymasterUserOp(op, "hash", maxCostWei);
        during.balanceWei = token.balanceOf(sender);
        during.bySenderWei = paymaster.spentBy(sender, today());
        during.onDayWei = paymaster.spentOn(today());
        vm.prank(by);
        (bool done, ) = callee.call(data);
        require(done, "between");
        vm.prank(address(entryPoint));
        paymaster.postOp(0, context, actualCostWei, fee);
    }

    function ask(uint256 maxCostWei, uint256 actualCostWei, uint256 fee) internal returns (During memory) {
        return this.ask(operation(SENDER_KEY, ""), maxCostWei, actualCostWei, fee, sender, address(0), "");
    }

    function test_TheChargeIsExact() public {
        uint256 costWei = 5e14 + POST_OP_GAS * 7;
        uint256 chargedWei = chargeOf(costWei, PRICE_WEI);
        vm.expectEmit(address(paymaster));
        emit IOpenPaymaster.Charged("hash", sender, costWei, chargedWei, chargeOf(1e15 + 1, PRICE_WEI) - chargedWei);
        During memory during = ask(1e15 + 1, 5e14, 7);
        equal(during.validationData, (block.timestamp + MAX_AGE) << 160, "valid until the price is too old");
        equal(during.balanceWei, FUNDS_WEI - chargeOf(1e15 + 1, PRICE_WEI), "held");
        equal(during.bySenderWei, 1e15 + 1, "reserved for the sender");
        equal(during.onDayWei, 1e15 + 1, "reserved for the day");
        equal(token.balanceOf(sender), FUNDS_WEI - chargedWei, "sender");
        equal(token.balanceOf(address(paymaster)), chargedWei, "paymaster");
        equal(paymaster.spentBy(sender, today()), costWei, "sender's day");
        equal(paymaster.spentOn(today()), costWei, "day");
    }

    function test_MoreThanTheMostIsNeverCharged() public {
        vm.expectEmit(address(paymaster));
        emit IOpenPaymaster.Charged("hash", sender, 1e15, chargeOf(1e15, PRICE_WEI), 0);
        ask(1e15, 1e15 - POST_OP_GAS + 1, 1);
        equal(token.balanceOf(address(paymaster)), chargeOf(1e15, PRICE_WEI), "all of it");
    }

    function test_APenaltyForUnusedGasIsTheSenders() public {
        chargedTail(POST_OP_GAS, POST_OP_GAS);
        chargedTail(40_000, POST_OP_GAS);
        chargedTail(40_001, POST_OP_GAS + 4_000);
        chargedTail(900_000, POST_OP_GAS + 90_000);
    }

    function chargedTail(uint128 limit, uint256 tailGas) internal {
        Gas memory gas = usualGas();
        gas.postOp = limit;
        uint256 before = paymaster.spentOn(today());
        this.ask(operation(SENDER_KEY, "", gas, ""), 1e15, 3, 2, sender, address(0), "");
        equal(paymaster.spentOn(today()) - before, 3 + 2 * tailGas, "cost");
    }

    function testFuzz_ThePaymasterNeverPaysMoreThanItIsPaidFor(
        uint128 callGas,
        uint128 postOpGas,
        uint256 preVerificationGas,
        uint256 baseFee,
        bool reverts
    ) public {
        chain.fee(bound(baseFee, 0, MAX_FEE));
        IOpenPaymaster.Terms memory terms = standardTerms();
        (terms.operationCapWei, terms.senderCapWei, terms.dayCapWei) = (1e18, 1e18, 1e18);
        vm.prank(GOVERNOR);
        paymaster.setTerms(terms);
        Gas memory gas = usualGas();
        gas.call = uint128(bound(callGas, 0, 3_000_000));
        gas.postOp = uint128(bound(postOpGas, POST_OP_GAS, 3_000_000));
        gas.preVerification = bound(preVerificationGas, 0, 200_000);
        bytes memory call = reverts ? execute(address(witness), abi.encodeCall(Witness.refuse, ())) : look();
        handle(operation(SENDER_KEY, call, gas, ""));
        uint256 costWei = paymaster.spentOn(today());
        uint256 goneWei = NATIVE_WEI - paymaster.getDeposit();
        require(goneWei <= costWei, "native coin that nobody paid for");
        equal(token.balanceOf(address(paymaster)), chargeOf(costWei, PRICE_WEI), "charged what was counted");
        equal(token.balanceOf(sender), FUNDS_WEI - chargeOf(costWei, PRICE_WEI), "sender");
        require(costWei <= goneWei + (POST_OP_GAS + gas.postOp / 10) * MAX_FEE, "hardly more than was paid");
    }

    /// What an account answers when it reverts is logged at the cost of nobody's limit. With limits that are tight otherwise the
    /// cost passes what was reserved; then the EntryPoint undoes postOp and takes all from the paymaster.
    function test_AnOperationThatUsesMoreThanItsLimitsPaysAllThatWasHeld() public {
        IOpenPaymaster.Terms memory terms = standardTerms();
        terms.postOpGas = 15_000;
        vm.prank(GOVERNOR);
        paymaster.setTerms(terms);
        Gas memory gas = Gas(15_000, 2_000, 200_000, 15_000, 0);
        while (!runs(gas)) gas.verification += 100;
        gas.paymasterVerification = 20_000;
        while (!runs(gas)) gas.paymasterVerification += 100;
        PackedUserOperation memory op = loud(gas);
        bytes32 hash = entryPoint.getUserOpHash(op);
        vm.expectEmit(address(entryPoint));
        emit IEntryPoint.UserOperationPrefundTooLow(hash, sender, 0);
        this.handleAlone(op);
        uint256 maxCostWei = maxCostOf(gas);
        equal(NATIVE_WEI - paymaster.getDeposit(), maxCostWei, "the EntryPoint took all");
        equal(paymaster.spentOn(today()), maxCostWei, "stays counted");
        equal(token.balanceOf(sender), FUNDS_WEI - chargeOf(maxCostWei, PRICE_WEI), "all is paid for");
    }

    error Ran();

    /// Pays the fee that is reserved, whatever the base fee.
    function loud(Gas memory gas) internal view returns (PackedUserOperation memory op) {
        op = operation(SENDER_KEY, abi.encodeCall(KeyedAccount.refuseLoudly, ()), gas, "");
        op.gasFees = bytes32((MAX_FEE << 128) | MAX_FEE);
        signed(op, SENDER_KEY);
    }

    /// Whether the operation passes validation; leaves no trace.
    function runs(Gas memory gas) internal returns (bool) {
        try this.handleAndUndo(loud(gas)) {} catch (bytes memory reason) {
            return bytes4(reason) == Ran.selector;
        }
        return false;
    }

    function handleAlone(PackedUserOperation calldata op) external {
        handle(op);
    }

    function handleAndUndo(PackedUserOperation calldata op) external {
        handle(op);
        revert Ran();
    }

    function test_ABundleChargesEachSenderForItself() public {
        PackedUserOperation[] memory ops = new PackedUserOperation[](2);
        ops[0] = operation(SENDER_KEY, look());
        ops[1] = operation(OTHER_KEY, "");
        entryPoint.handleOps(ops, BUNDLER);
        uint256 senderWei = chargeOf(paymaster.spentBy(sender, today()), PRICE_WEI);
        uint256 otherWei = chargeOf(paymaster.spentBy(other, today()), PRICE_WEI);
        equal(token.balanceOf(sender), FUNDS_WEI - senderWei, "sender");
        equal(token.balanceOf(other), FUNDS_WEI - otherWei, "other");
        equal(token.balanceOf(address(paymaster)), senderWei + otherWei, "paymaster");
        uint256 sumWei = paymaster.spentBy(sender, today()) + paymaster.spentBy(other, today());
        equal(paymaster.spentOn(today()), sumWei, "day");
    }

    // Who is refused

    function test_WithoutTheWholeOfWhatItMayCostNothingRuns() public {
        uint256 heldWei = chargeOf(maxCostOf(usualGas()), PRICE_WEI);
        vm.prank(sender);
        token.transfer(STRANGER, FUNDS_WEI - heldWei + 1);
        PackedUserOperation memory op = operation(SENDER_KEY, look());
        refused(
            op,
            refusal(
                abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, sender, heldWei - 1, heldWei)
            )
        );
        vm.prank(STRANGER);
        token.transfer(sender, 1);
        handle(op);
        equal(witness.seenWei(), 0, "all was held");
    }

    function test_WithoutAnAllowanceNothingRuns() public {
        vm.prank(sender);
        token.approve(address(paymaster), 0);
        refused(operation(SENDER_KEY, look()), refusal(noAllowance(0)));
    }

    function noAllowance(uint256 allowedWei) internal view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector,
                address(paymaster),
                allowedWei,
                chargeOf(maxCostOf(usualGas()), PRICE_WEI)
            );
    }

    function test_AForgedOperationChargesNobody() public {
        PackedUserOperation memory op = operation(SENDER_KEY, look());
        signed(op, OTHER_KEY);
        refused(op, abi.encodeWithSelector(IEntryPoint.FailedOp.selector, 0, "AA24 signature error"));
        equal(token.balanceOf(sender), FUNDS_WEI, "sender");
    }

    function test_AnOperationRunsOnce() public {
        PackedUserOperation memory op = operation(SENDER_KEY, look());
        handle(op);
        refused(op, abi.encodeWithSelector(IEntryPoint.FailedOp.selector, 0, "AA25 invalid account nonce"));
    }

    function test_AnOldPriceIsRefused() public {
        vm.warp(block.timestamp + MAX_AGE + 1);
        bytes memory late = abi.encodeWithSelector(
            IEntryPoint.FailedOp.selector,
            0,
            "AA32 paymaster expired or not due"
        );
        refused(operation(SENDER_KEY, look()), late);
        vm.warp(block.timestamp - 1);
        handle(operation(SENDER_KEY, look()));
    }

    function test_NoPriceIsNoPrice() public {
        chain.mockCall(address(prices), abi.encodeCall(prices.price, ()), abi.encode(0, block.timestamp));
        refused(
            operation(SENDER_KEY, look()),
            refusal(abi.encodeWithSelector(IOpenPaymaster.PaymasterNoPrice.selector))
        );
    }

    function test_AFreshPriceIsUsedAtOnce() public {
        vm.warp(block.timestamp + 600);
        uint256 nextWei = PRICE_WEI + PRICE_WEI / 10;
        vm.prank(KEEPER);
        prices.update(nextWei);
        handle(operation(SENDER_KEY, look()));
        uint256 costWei = paymaster.spentOn(today());
        equal(token.balanceOf(sender), FUNDS_WEI - chargeOf(costWei, nextWei), "sender");
    }

    function test_APriceThatChangesWhileAnOperationRunsDoesNotMoveItsRefund() public {
        bytes memory reset = abi.encodeCall(prices.reset, (20_000e18));
        this.ask(operation(SENDER_KEY, ""), 1e15, 0, 0, GOVERNOR, address(prices), reset);
        equal(token.balanceOf(sender), FUNDS_WEI, "all back");
    }

    function test_TooLittleGasForTheRefundIsRefused() public {
        Gas memory gas = usualGas();
        gas.postOp = POST_OP_GAS - 1;
        bytes memory reason = abi.encodeWithSelector(
            IOpenPaymaster.PaymasterPostOpGasTooLow.selector,
            POST_OP_GAS - 1,
            POST_OP_GAS
        );
        refused(operation(SENDER_KEY, look(), gas, ""), refusal(reason));
    }

    function test_TheLeastGasThatGovernanceMaySetPaysTheRefund() public optimised {
        IOpenPaymaster.Terms memory terms = standardTerms();
        terms.postOpGas = 15_000;
        vm.prank(GOVERNOR);
        paymaster.setTerms(terms);
        Gas memory gas = usualGas();
        gas.postOp = 15_000;
        handle(operation(SENDER_KEY, look(), gas, ""));
        uint256 costWei = paymaster.spentOn(today());
        require(NATIVE_WEI - paymaster.getDeposit() <= costWei && costWei < maxCostOf(gas), "covered and refunded");
    }

    function test_PaymasterDataOfAnotherLengthIsRefused() public {
        for (uint256 i; i < 3; ++i) {
            uint256 length = [uint256(1), 128, 130][i];
            bytes memory reason = abi.encodeWithSelector(IOpenPaymaster.PaymasterBadData.selector, length, 129);
            refused(operation(SENDER_KEY, look(), usualGas(), new bytes(length)), refusal(reason));
        }
    }

    function test_OnlyTheEntryPointAsks() public {
        PackedUserOperation memory op = operation(SENDER_KEY, look());
        vm.expectRevert("Sender not EntryPoint");
        paymaster.validatePaymasterUserOp(op, "hash", 1);
        vm.expectRevert("Sender not EntryPoint");
        paymaster.postOp(0, "", 0, 0);
    }

    // Caps

    function hold(uint256 key, uint256 costWei) internal {
        PackedUserOperation memory op = operation(key, "");
        vm.prank(address(entryPoint));
        paymaster.validatePaymasterUserOp(op, "hash", costWei);
    }

    function holdRefused(uint256 key, uint256 costWei, bytes memory reason) internal {
        PackedUserOperation memory op = operation(key, "");
        vm.prank(address(entryPoint));
        vm.expectRevert(reason);
        paymaster.validatePaymasterUserOp(op, "hash", costWei);
    }

    function test_OneOperationHasACap() public {
        bytes4 selector = IOpenPaymaster.PaymasterOperationTooCostly.selector;
        bytes memory reason = abi.encodeWithSelector(selector, OPERATION_CAP + 1, OPERATION_CAP);
        holdRefused(SENDER_KEY, OPERATION_CAP + 1, reason);
        hold(SENDER_KEY, OPERATION_CAP);
    }

    function test_ASenderHasACapForTheDay() public {
        hold(SENDER_KEY, OPERATION_CAP);
        hold(SENDER_KEY, OPERATION_CAP - 5);
        bytes4 selector = IOpenPaymaster.PaymasterSenderCapReached.selector;
        holdRefused(SENDER_KEY, 6, abi.encodeWithSelector(selector, sender, 6, 5));
        hold(SENDER_KEY, 5);
        hold(OTHER_KEY, 1);
        holdRefused(SENDER_KEY, 1, abi.encodeWithSelector(selector, sender, 1, 0));
    }

    function test_ADayHasACap() public {
        hold(SENDER_KEY, OPERATION_CAP);
        hold(SENDER_KEY, OPERATION_CAP);
        hold(OTHER_KEY, OPERATION_CAP - 5);
        bytes4 selector = IOpenPaymaster.PaymasterDayCapReached.selector;
        holdRefused(OTHER_KEY, 6, abi.encodeWithSelector(selector, 6, 5));
        hold(OTHER_KEY, 5);
        holdRefused(OTHER_KEY, 1, abi.encodeWithSelector(selector, 1, 0));
    }

    function test_ANewDayOfPricesBeginsAnew() public {
        hold(SENDER_KEY, OPERATION_CAP);
        hold(SENDER_KEY, OPERATION_CAP);
        vm.warp((today() + 1) * 1 days - 1);
        vm.prank(KEEPER);
        prices.update(PRICE_WEI);
        bytes4 selector = IOpenPaymaster.PaymasterSenderCapReached.selector;
        holdRefused(SENDER_KEY, 1, abi.encodeWithSelector(selector, sender, 1, 0));
        vm.warp(block.timestamp + 600);
        vm.prank(KEEPER);
        prices.update(PRICE_WEI);
        hold(SENDER_KEY, OPERATION_CAP);
        equal(paymaster.spentBy(sender, today()), OPERATION_CAP, "today");
        equal(paymaster.spentBy(sender, today() - 1), SENDER_CAP, "yesterday");
    }

    function test_ACapBelowWhatWasSpentLeavesNothing() public {
        hold(SENDER_KEY, 100);
        IOpenPaymaster.Terms memory terms = standardTerms();
        (terms.operationCapWei, terms.senderCapWei) = (50, 50);
        vm.prank(GOVERNOR);
        paymaster.setTerms(terms);
        bytes4 selector = IOpenPaymaster.PaymasterSenderCapReached.selector;
        holdRefused(SENDER_KEY, 1, abi.encodeWithSelector(selector, sender, 1, 0));
        terms.dayCapWei = 50;
        vm.prank(GOVERNOR);
        paymaster.setTerms(terms);
        selector = IOpenPaymaster.PaymasterDayCapReached.selector;
        holdRefused(OTHER_KEY, 1, abi.encodeWithSelector(selector, 1, 0));
    }

    // Permits

    function permit(uint256 key, uint256 valueWei, uint256 deadline) internal view returns (bytes memory) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                vm.addr(SENDER_KEY),
                paymaster,
                valueWei,
                token.nonces(sender),
                deadline
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            key,
            keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), structHash))
        );
        return abi.encodePacked(valueWei, deadline, r, s, v);
    }

    function test_APermitGivesTheAllowanceInTheSameBreath() public {
        vm.prank(sender);
        token.approve(address(paymaster), 0);
        uint256 heldWei = chargeOf(maxCostOf(usualGas()), PRICE_WEI);
        handle(operation(SENDER_KEY, look(), usualGas(), permit(SENDER_KEY, heldWei, block.timestamp)));
        equal(witness.seenWei(), FUNDS_WEI - heldWei, "held");
        equal(token.allowance(sender, address(paymaster)), 0, "used up");
    }

    function test_APermitThatSomebodyElseUsedFirstDoesNoHarm() public {
        vm.prank(sender);
        token.approve(address(paymaster), 0);
        uint256 heldWei = chargeOf(maxCostOf(usualGas()), PRICE_WEI);
        bytes memory data = permit(SENDER_KEY, heldWei, block.timestamp);
        PackedUserOperation memory op = operation(SENDER_KEY, look(), usualGas(), data);
        (, , bytes32 r, bytes32 s) = abi.decode(data, (uint256, uint256, bytes32, bytes32));
        token.permit(sender, address(paymaster), heldWei, block.timestamp, uint8(data[128]), r, s);
        handle(op);
        equal(witness.seenWei(), FUNDS_WEI - heldWei, "held");
    }

    function test_APermitOfAnotherKeyIsNone() public {
        vm.prank(sender);
        token.approve(address(paymaster), 0);
        bytes memory data = permit(OTHER_KEY, type(uint256).max, block.timestamp);
        refused(operation(SENDER_KEY, look(), usualGas(), data), refusal(noAllowance(0)));
    }

    // What was earned

    function test_AnybodySendsWhatWasEarnedToTheTreasury() public {
        handle(operation(SENDER_KEY, look()));
        uint256 earnedWei = token.balanceOf(address(paymaster));
        vm.expectEmit(address(paymaster));
        emit IOpenPaymaster.Swept(earnedWei);
        vm.prank(STRANGER);
        equal(paymaster.sweep(), earnedWei, "swept");
        equal(token.balanceOf(TREASURY), earnedWei, "treasury");
        equal(token.balanceOf(address(paymaster)), 0, "paymaster");
        vm.expectRevert(abi.encodeWithSelector(IOpenPaymaster.PaymasterNothingToSweep.selector));
        paymaster.sweep();
    }

    function test_AnOperationCannotSweepWhatOthersHaveAtStake() public {
        handle(operation(SENDER_KEY, ""));
        uint256 earnedWei = token.balanceOf(address(paymaster));
        PackedUserOperation[] memory ops = new PackedUserOperation[](2);
        ops[0] = operation(SENDER_KEY, execute(address(paymaster), abi.encodeCall(paymaster.sweep, ())));
        ops[1] = operation(OTHER_KEY, "");
        entryPoint.handleOps(ops, BUNDLER);
        equal(token.balanceOf(TREASURY), earnedWei, "only what was earned before");
        equal(
            token.balanceOf(other),
            FUNDS_WEI - chargeOf(paymaster.spentBy(other, today()), PRICE_WEI),
            "the other got its refund"
        );
    }

    function test_ADonationIsTheTreasurys() public {
        token.transfer(address(paymaster), 5);
        equal(paymaster.sweep(), 5, "swept");
    }

    function test_AnOperationCannotBundleOthers() public {
        PackedUserOperation[] memory inner = alone(operation(OTHER_KEY, ""));
        bytes memory call = execute(address(entryPoint), abi.encodeCall(entryPoint.handleOps, (inner, BUNDLER)));
        handle(operation(SENDER_KEY, call));
        equal(entryPoint.getNonce(other, 0), 0, "the other's did not run");
        require(token.balanceOf(sender) < FUNDS_WEI, "the attempt was paid for");
    }

    // Governance and guardian

    function test_ThePauseStopsSponsoringOnly() public {
        handle(operation(SENDER_KEY, ""));
        vm.expectEmit(address(paymaster));
        emit Paused(GUARDIAN);
        vm.prank(GUARDIAN);
        paymaster.pause();
        require(paymaster.isPaused(), "paused");
        bytes memory paused = abi.encodeWithSignature("GuardedPaused()");
        refused(operation(SENDER_KEY, look()), refusal(paused));
        paymaster.sweep();
        vm.prank(GOVERNOR);
        paymaster.withdrawTo(payable(STRANGER), 1);
        vm.expectEmit(address(paymaster));
        emit Unpaused(GOVERNOR);
        vm.prank(GOVERNOR);
        paymaster.unpause();
        require(!paymaster.isPaused(), "open");
        handle(operation(SENDER_KEY, look()));
    }

    event Paused(address indexed by);
    event Unpaused(address indexed by);
    event GuardianSet(address indexed guardian);

    function test_APauseInMidAirStillRefunds() public {
        bytes memory pause = abi.encodeCall(paymaster.pause, ());
        this.ask(operation(SENDER_KEY, ""), 1e15, 0, 0, GOVERNOR, address(paymaster), pause);
        equal(token.balanceOf(sender), FUNDS_WEI, "all back");
        require(paymaster.isPaused(), "paused");
    }

    function test_TheGuardianIsWeakAndReplaceable() public {
        equal(paymaster.guardian(), GUARDIAN, "guardian");
        vm.prank(GUARDIAN);
        paymaster.pause();
        vm.prank(GUARDIAN);
        vm.expectRevert(unauthorized(GUARDIAN));
        paymaster.unpause();
        vm.prank(GUARDIAN);
        vm.expectRevert(unauthorized(GUARDIAN));
        paymaster.setGuardian(STRANGER);
        vm.expectEmit(address(paymaster));
        emit GuardianSet(STRANGER);
        vm.prank(GOVERNOR);
        paymaster.setGuardian(STRANGER);
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSignature("GuardedNotGuardian(address)", GUARDIAN));
        paymaster.pause();
    }

    function unauthorized(address account) internal pure returns (bytes memory) {
        return abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", account);
    }

    function test_OnlyGovernanceMovesTheNativeCoin() public {
        equal(paymaster.owner(), GOVERNOR, "owner at once");
        equal(paymaster.pendingOwner(), address(0), "nobody waits");
        vm.prank(STRANGER);
        vm.expectRevert(unauthorized(STRANGER));
        paymaster.withdrawTo(payable(STRANGER), 1);
        vm.prank(STRANGER);
        vm.expectRevert(unauthorized(STRANGER));
        paymaster.addStake(1);
        vm.prank(STRANGER);
        vm.expectRevert(unauthorized(STRANGER));
        paymaster.unlockStake();
        vm.prank(STRANGER);
        vm.expectRevert(unauthorized(STRANGER));
        paymaster.withdrawStake(payable(STRANGER));
        chain.deal(GOVERNOR, 1e18);
        vm.prank(GOVERNOR);
        paymaster.addStake{value: 1e18}(1 days);
        vm.prank(GOVERNOR);
        paymaster.unlockStake();
        vm.warp(block.timestamp + 1 days);
        vm.prank(GOVERNOR);
        paymaster.withdrawStake(payable(STRANGER));
        vm.prank(GOVERNOR);
        paymaster.withdrawTo(payable(STRANGER), NATIVE_WEI);
        equal(STRANGER.balance, 1e18 + NATIVE_WEI, "stake and deposit");
    }

    function test_WithoutADepositNothingIsSponsored() public {
        vm.prank(GOVERNOR);
        paymaster.withdrawTo(payable(STRANGER), NATIVE_WEI);
        refused(
            operation(SENDER_KEY, look()),
            abi.encodeWithSelector(IEntryPoint.FailedOp.selector, 0, "AA31 paymaster deposit too low")
        );
    }

    function test_GovernanceSetsTheTerms() public {
        IOpenPaymaster.Terms memory terms = IOpenPaymaster.Terms(200_000, 200_000, 1 days, 1, 1, 1_000e18);
        vm.expectEmit(address(paymaster));
        emit IOpenPaymaster.TermsSet(200_000, 200_000, 1 days, 1, 1, 1_000e18);
        vm.prank(GOVERNOR);
        paymaster.setTerms(terms);
        equal(keccak256(abi.encode(paymaster.terms())), keccak256(abi.encode(terms)), "terms");
        equal(paymaster.quote(1e18), PRICE_WEI + (PRICE_WEI * 2 + 9) / 10, "greatest markup");
        terms = IOpenPaymaster.Terms(0, 15_000, 1, 0, 0, 0);
        vm.prank(GOVERNOR);
        paymaster.setTerms(terms);
        equal(paymaster.quote(1e18), PRICE_WEI, "no markup");
        equal(paymaster.quote(1), (PRICE_WEI - 1) / 1e18 + 1, "rounded up");
        equal(paymaster.quote(0), 0, "nothing for nothing");
        vm.prank(STRANGER);
        vm.expectRevert(unauthorized(STRANGER));
        paymaster.setTerms(terms);
    }

    function test_TermsKeepTheirLimits() public {
        IOpenPaymaster.Terms memory terms = standardTerms();
        terms.markupPpm = 200_001;
        badTerms(terms);
        terms = standardTerms();
        terms.postOpGas = 14_999;
        badTerms(terms);
        terms = standardTerms();
        terms.postOpGas = 200_001;
        badTerms(terms);
        terms = standardTerms();
        terms.maxAgeSeconds = 0;
        badTerms(terms);
        terms = standardTerms();
        terms.maxAgeSeconds = 1 days + 1;
        badTerms(terms);
        terms = standardTerms();
        terms.operationCapWei = SENDER_CAP + 1;
        badTerms(terms);
        terms = standardTerms();
        terms.senderCapWei = DAY_CAP + 1;
        badTerms(terms);
        terms = standardTerms();
        terms.dayCapWei = 1_000e18 + 1;
        badTerms(terms);
    }

    function badTerms(IOpenPaymaster.Terms memory terms) internal {
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(IOpenPaymaster.PaymasterBadTerms.selector, terms));
        paymaster.setTerms(terms);
    }

    function test_GovernanceSetsTheSource() public {
        equal(address(paymaster.source()), address(prices), "source");
        vm.prank(STRANGER);
        vm.expectRevert(unauthorized(STRANGER));
        paymaster.setSource(prices);
        prices = newPrices(1_000e18);
        vm.expectEmit(address(paymaster));
        emit IOpenPaymaster.SourceSet(address(prices));
        vm.prank(GOVERNOR);
        paymaster.setSource(prices);
        equal(paymaster.quote(1e18), 1_050e18, "its price");
        vm.prank(GOVERNOR);
        vm.expectRevert(abi.encodeWithSelector(IOpenPaymaster.PaymasterZeroAddress.selector));
        paymaster.setSource(IPriceSource(address(0)));
    }

    function test_NothingIsDeployedHalf() public {
        equal(paymaster.TOKEN(), address(token), "token");
        equal(paymaster.TREASURY(), TREASURY, "treasury");
        equal(paymaster.entryPoint(), address(entryPoint), "EntryPoint");
        undeployable(address(0), address(token), TREASURY, address(prices));
        undeployable(GOVERNOR, address(0), TREASURY, address(prices));
        undeployable(GOVERNOR, address(token), address(0), address(prices));
        undeployable(GOVERNOR, address(token), TREASURY, address(0));
    }

    function undeployable(address governance, address token_, address treasury, address source) internal {
        try this.deploy(abi.encode(entryPoint, governance, GUARDIAN, token_, treasury, source, standardTerms())) {
            revert("deployed");
        } catch (bytes memory reason) {
            equal(bytes32(reason), bytes32(IOpenPaymaster.PaymasterZeroAddress.selector), "reason");
        }
    }

    function deploy(bytes calldata parameters) external {
        deployed("OpenPaymaster", parameters);
    }

    function test_AnotherContractIsNoEntryPoint() public {
        try this.deploy(abi.encode(token, GOVERNOR, GUARDIAN, token, TREASURY, prices, standardTerms())) {
            revert("deployed");
        } catch {}
    }

    /// Without it bundlers would not let validation touch a storage slot of ours.
    function test_TheStakeShowsAtTheEntryPoint() public {
        chain.deal(GOVERNOR, 1e18);
        vm.prank(GOVERNOR);
        paymaster.addStake{value: 1e18}(1 days);
        IStakeManager.DepositInfo memory info = entryPoint.getDepositInfo(address(paymaster));
        require(info.staked, "staked");
        equal(info.stake, 1e18, "stake");
        equal(info.unstakeDelaySec, 1 days, "delay");
    }
}
